"""Which colour a run has: its own, the same in every session and whatever other runs stand beside it."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

INKS = (0, 1, 3, 4, 5, 6, 7)
"""Of the series palette; green is left to what is planned."""


def run_inks(names: Sequence[str]) -> tuple[int, ...]:
    """The ink of each run: by its name's digest; of two that meet, the later in the alphabet takes the next free.

    Beyond as many runs as there are inks, the least used one is taken again.
    """
    used = dict.fromkeys(INKS, 0)
    found: dict[int, int] = {}
    for place in sorted(range(len(names)), key=lambda place: (names[place], place)):
        first = hashlib.blake2b(names[place].encode("utf-8", "surrogatepass"), digest_size=8).digest()
        offset = int.from_bytes(first, "big") % len(INKS)
        wished = [*INKS[offset:], *INKS[:offset]]
        ink = min(wished, key=lambda one: used[one])
        used[ink] += 1
        found[place] = ink
    return tuple(found[place] for place in range(len(names)))
