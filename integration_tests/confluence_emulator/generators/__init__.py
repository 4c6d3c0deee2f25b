"""Generates a site's objects from its seed; each kind has its own random source."""
