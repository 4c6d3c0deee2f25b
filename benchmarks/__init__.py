"""Benchmarks of whole processes against an emulated Confluence, compared with other extractors.

`make bench` runs them all and writes docs/performance.md; `python -m benchmarks --help` shows how
to run some of them. To add a table, write a function that returns a report.Section and add it to
__main__.SECTIONS.
"""
