"""`python -m tests.benchmarks [NAME ...]`, and `python -m tests.benchmarks table`."""

from __future__ import annotations

import sys

from tests.benchmarks import table
from tests.benchmarks.catalogue import BENCHMARKS

if sys.argv[1:2] == ["table"]:
    table.main(sys.argv[2:])
else:
    print(f"{'':<28} {'ours':>10} {'peer':>10}   ratio (median of pairs)")
    for name in sys.argv[1:] or BENCHMARKS:
        print(BENCHMARKS[name]().line(), flush=True)
