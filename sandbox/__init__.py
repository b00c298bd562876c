"""A company that does not exist, behind faithful imitations of the HR systems Muster reads.

For the demo, the end-to-end tests and the benchmarks. Nothing here is needed to run Muster itself.
Start with `python3 -m sandbox --help`; README.md beside this file is the manual.
"""
