"""Which series a filter lets through: globs, or one regular expression between slashes."""

from __future__ import annotations

import fnmatch
import re
from collections.abc import Callable

import msgspec

from inspector.core.language import tr

_WORD = re.compile(r'"([^"]*)"|([^\s,"]+)')
_WILD = re.compile(r"[*?\[]")


class Filter(msgspec.Struct, frozen=True):
    """A filter as it was understood.

    Attributes:
        lets: whether a tag is shown.
        error: why the text is not what it looks like, one sentence; it is then searched as text. Empty where it is.
    """

    lets: Callable[[str], bool]
    error: str = ""


def filter_of(text: str) -> Filter:
    """A filter as the user typed it, whatever the case.

    `val/*` is a glob over the whole tag, `loss` is searched anywhere, `"val loss"` is that very tag; of several,
    separated by spaces or commas, one is enough. `/loss|lr/` between slashes is a regular expression, searched.
    """
    typed = text.strip()
    if not typed:
        return Filter(lambda _tag: True)
    if len(typed) > 1 and typed.startswith("/") and typed.endswith("/"):
        return _regular(typed[1:-1])
    tests = [_test(quoted, plain) for quoted, plain in _WORD.findall(typed)]
    if not tests:
        return Filter(_contains(typed))
    return Filter(lambda tag: any(test(tag) for test in tests))


def filter_for(tag: str) -> str:
    """The filter that lets just this series through, whatever its name."""
    return f"/^{re.escape(tag)}$/" if '"' in tag or not tag else f'"{tag}"'


def _regular(expression: str) -> Filter:
    try:
        pattern = re.compile(expression, re.IGNORECASE)
    except (re.error, RecursionError, OverflowError) as error:
        said = tr("not a regular expression: {error}; searched as text").format(error=error)
        return Filter(_contains(expression), said)
    return Filter(lambda tag: pattern.search(tag) is not None)


def _test(quoted: str, plain: str) -> Callable[[str], bool]:
    if not plain:
        return lambda tag: tag == quoted
    if not _WILD.search(plain):
        return _contains(plain)
    pattern = re.compile(fnmatch.translate(plain), re.IGNORECASE)
    return lambda tag: pattern.match(tag) is not None


def _contains(text: str) -> Callable[[str], bool]:
    wanted = text.casefold()
    return lambda tag: wanted in tag.casefold()
