"""The Confluence client: one request, one list, the limits they share. It knows no stream."""
