"""Whole-process measurements against an emulated Confluence, side by side with other extractors.

`make bench` runs them all and writes docs/performance.md; `python -m benchmarks --help` says how to
run a part. A further table is a function that returns a report.Section, in __main__.SECTIONS.
"""
