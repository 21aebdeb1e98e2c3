"""What the frozen program runs first; every role of it starts here."""

import sys

from inspector.__main__ import run

sys.exit(run())
