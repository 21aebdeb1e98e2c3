"""What a command is."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from types import SimpleNamespace as Options
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    import argparse  # here and in the commands where it is used: it takes a good part of the time of listing a file

__all__ = ["Command", "Options"]


def _no_arguments(_parser: argparse.ArgumentParser) -> None:
    pass


def _never_plain(_arguments: Sequence[str]) -> Options | None:
    return None


class Command(NamedTuple):
    """A command.

    Attributes:
        run: does its work and gives the exit code.
        text: what it is for.
        add_arguments: tells a parser what it takes.
        plain: its options where they can be told without a parser, None for all else.
    """

    run: Callable[[Options], int]
    text: str
    add_arguments: Callable[[argparse.ArgumentParser], None] = _no_arguments
    plain: Callable[[Sequence[str]], Options | None] = _never_plain
