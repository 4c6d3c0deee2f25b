"""Tests of how the CDK drives us."""
