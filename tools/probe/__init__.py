"""The checks of tools/probe_site.py: whether a real site answers as the connector assumes."""
