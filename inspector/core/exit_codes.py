"""Exit codes of the command line and of the trainer; who starts one reads them."""

from __future__ import annotations

DONE = 0
FOUND = 1
"""It found what it was to look for: damage, or findings at or above `--fail-on`."""

BAD_INPUT = 2
"""A file, a folder or a word of the command is not what it should be; argparse ends so, too."""

FAILED = 3
"""An error that is not the user's, or a training that ended with one."""

INTERRUPTED = 130
"""It was asked to stop, as a shell words it."""
