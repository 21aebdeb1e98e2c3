"""`python -m tests.long NAME [--minutes N]`."""

from __future__ import annotations

import argparse
import json

from tests.long.catalogue import CHECKS
from tests.long.harness import run
from tests.long.promises import write

parser = argparse.ArgumentParser(prog="python -m tests.long")
parser.add_argument("name", choices=[*CHECKS, "list", "promises"])
parser.add_argument("--minutes", type=float, default=10.0)
options = parser.parse_args()
if options.name == "list":
    for check in CHECKS.values():
        print(f"{check.name:<18} {check.title}{f' (skips here: {check.skip()})' if check.skip() else ''}")
elif options.name == "promises":
    print(write(), end="")
elif CHECKS[options.name].skip():
    print(f"{options.name} skips: {CHECKS[options.name].skip()}")
else:
    try:
        print(json.dumps(run(CHECKS[options.name], options.minutes), indent=2))
    finally:
        CHECKS[options.name].end()
