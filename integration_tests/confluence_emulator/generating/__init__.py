"""A site's objects from its seed; each kind draws from a random source of its own."""
