"""Fast tests of the parts: no network, and no sleeping, because time is injected."""
