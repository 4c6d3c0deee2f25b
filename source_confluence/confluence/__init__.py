"""How we talk to Confluence. Nothing in here knows a stream."""
