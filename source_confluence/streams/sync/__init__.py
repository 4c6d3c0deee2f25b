"""What one sync knows: its runs, filters, shared lists and what it could not read."""
