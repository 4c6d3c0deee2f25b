"""What the user asks for: spec.yaml, and a config parsed and validated by it."""
