"""Loading less."""

from __future__ import annotations

import builtins
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def as_if_missing(module: str) -> Iterator[None]:
    """Let what is imported inside do without a module that it can do without."""
    if module in sys.modules:
        yield
        return
    sys.modules[module] = None  # type: ignore[assignment]  # what makes an import of it fail
    try:
        yield
    finally:
        del sys.modules[module]


@contextmanager
def one_thread() -> Iterator[None]:
    """Have libraries of linear algebra that are loaded inside make no threads of their own.

    numpy's take 0.1 s of a processor at their start. What is started from here is told nothing of it.
    """
    names = [name for name in ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS") if name not in os.environ]
    os.environ.update(dict.fromkeys(names, "1"))
    try:
        yield
    finally:
        for name in names:
            del os.environ[name]


def without_features() -> None:
    """Have modules imported as they were before PySide6 was.

    It reads the source of every module that is imported after it, to see whether that asks for names in another
    spelling (`__feature__`), and for most modules this takes longer than the import. Nothing here asks for it.
    """
    plain = getattr(builtins, "__orig_import__", None)
    if plain is not None:
        builtins.__import__ = plain
