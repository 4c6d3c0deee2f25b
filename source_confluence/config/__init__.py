"""The config: its specification (spec.yaml), and the parsed and validated form."""
