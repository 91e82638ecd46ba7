"""Benchmarks. Each prints ratios against a named baseline from the same run."""
