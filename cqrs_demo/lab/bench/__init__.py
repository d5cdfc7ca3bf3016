"""Benchmarks: what the parts of the shop cost, against the limit and against other packages.

The limit is what the same machine does without the part: raw `sqlite3` or a bare dict. The peers
are what a Python user would pick instead. Every figure is a ratio within one run.
"""
