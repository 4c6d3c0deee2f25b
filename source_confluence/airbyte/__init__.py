"""How the CDK drives us: partitions, cursors, states, messages; no endpoints."""
