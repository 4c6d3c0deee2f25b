"""Tests of what we read."""
