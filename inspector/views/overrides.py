"""Methods of Qt that Python overrides fail as Python does, not with the process.

PySide 6.11 writes which method failed into the exception. Under Python 3.11 one that was raised in C (a missing key, a
widget that is gone) has no object yet for it to write into, and the process ends in a segmentation fault.
"""

from __future__ import annotations

from collections import ChainMap
from collections.abc import Callable, Iterator
from functools import wraps
from types import FunctionType
from typing import Any

from shiboken6 import Shiboken


def guard_overrides() -> None:
    """What overrides a method of Qt raises whole exceptions, in classes that were made and in those that will be."""
    Shiboken.Object.__init_subclass__ = classmethod(_guarded)  # type: ignore[assignment, method-assign]
    for kind in _made_of(Shiboken.Object):
        _guarded(kind)


def _made_of(base: type) -> Iterator[type]:
    """Classes that are not PySide's own, each after those that it derives from."""
    made: list[type] = type.__subclasses__(base)
    for kind in made:
        if not kind.__module__.startswith("PySide6."):
            yield kind
        yield from _made_of(kind)


def _guarded(kind: type) -> None:
    qt = [base for base in kind.__mro__ if base.__module__.startswith("PySide6.")]
    methods = ChainMap(*(dict(vars(base)) for base in kind.__mro__ if base not in qt and base is not object))
    for name, value in methods.items():
        if (
            isinstance(value, FunctionType)
            and any(name in vars(base) for base in qt)
            and not hasattr(value, "is_whole")
        ):
            setattr(kind, name, _whole(value))


def _whole(override: Callable[..., Any]) -> Callable[..., Any]:
    @wraps(override)
    def call(*args: Any, **kwargs: Any) -> Any:
        try:
            return override(*args, **kwargs)
        except BaseException:  # noqa: TRY203 - once caught, the exception has its object
            raise

    call.is_whole = True  # type: ignore[attr-defined]
    return call
