"""All caches together: how much they take, and that the oldest goes out first, whichever it is of."""

from __future__ import annotations

import os

from inspector.formats.caches import CACHES, bound_caches, cached_bytes


def test_the_oldest_of_all_caches_goes_first_until_the_rest_fits() -> None:
    assert cached_bytes() == 0
    paths = []
    for age, cache in enumerate((*CACHES, *CACHES)):
        name = f"{age:064x}"
        cache.keep(name, bytes(1000 * (age + 1)))
        paths.append(cache.folder() / f"{name}{cache.suffix}")
        os.utime(paths[-1], (age, age))
    beside = CACHES[0].folder() / "notes.txt"
    beside.write_text("of the user")
    sizes = [path.stat().st_size for path in paths]
    assert cached_bytes() == sum(sizes)
    bound_caches(sum(sizes))
    assert all(path.exists() for path in paths)
    bound_caches(sum(sizes[3:]) + sizes[2] - 1)
    assert [path.exists() for path in paths] == [False] * 3 + [True] * 3
    assert CACHES[0].known(f"{3:064x}") == bytes(4000)
    bound_caches(0)
    assert cached_bytes() == 0
    assert beside.exists()
