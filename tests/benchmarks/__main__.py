"""`python -m tests.benchmarks [NAME ...]`."""

from __future__ import annotations

import sys

from tests.benchmarks.catalogue import BENCHMARKS

print(f"{'':<28} {'ours':>10} {'peer':>10}   ratio (median of pairs)")
for name in sys.argv[1:] or BENCHMARKS:
    print(BENCHMARKS[name]().line(), flush=True)
