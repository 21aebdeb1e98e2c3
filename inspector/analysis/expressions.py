"""Sums, products and functions of curves, written as text: `val/loss - train/loss`.

A parser of our own: nothing that is typed is ever run.

    sum      = product { ("+" | "-") product }
    product  = signed { ("*" | "/") signed }
    signed   = { "+" | "-" } value
    value    = number | name | function "(" sum { "," sum } ")" | "(" sum ")"
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping
from functools import reduce
from typing import NamedTuple

import msgspec
import numpy as np

from inspector.core.arrays import FloatArray

MAX_CHARACTERS = 500
_MAX_DEPTH = 50

_NUMBER = re.compile(r"(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?")
_NAME_RUN = re.compile(r"[^\s()*+,`]+")
_PLAIN_NAME = re.compile(r"[^\W\d][\w.]*")
_BEFORE_PARENTHESIS = re.compile(r"\s*\(")


class ExpressionError(ValueError):
    """A text that is no expression, or that names no curve; its message is one sentence."""


class Function(NamedTuple):
    """A function of curves and how many it takes at least; `several` says that it takes more."""

    of: Callable[..., FloatArray]
    least: int = 1
    several: bool = False


FUNCTIONS: Mapping[str, Function] = {
    "abs": Function(np.abs),
    "log": Function(np.log),
    "log10": Function(np.log10),
    "exp": Function(np.exp),
    "sqrt": Function(np.sqrt),
    "min": Function(lambda *parts: reduce(np.minimum, parts), 2, several=True),
    "max": Function(lambda *parts: reduce(np.maximum, parts), 2, several=True),
}

_OPERATORS: Mapping[str, Callable[..., FloatArray]] = {
    "+": np.add,
    "-": np.subtract,
    "*": np.multiply,
    "/": np.divide,
}


class Number(msgspec.Struct, frozen=True):
    """A number as written."""

    value: float


class Curve(msgspec.Struct, frozen=True):
    """A curve by its name."""

    name: str


class Applied(msgspec.Struct, frozen=True):
    """An operator (`+ - * /`, `negative`) or function of what stands in `parts`."""

    name: str
    parts: tuple[Expression, ...]


Expression = Number | Curve | Applied


def parse(text: str, names: Collection[str]) -> Expression:
    """The expression that a text writes down.

    A name may hold `/`, `-` and `.` where a curve is called so: the longest name that fits is taken. Any name may
    stand in backquotes, and one with spaces must.

    Raises:
        ExpressionError: the text is no expression, or names a curve that is not there.
    """
    if len(text) > MAX_CHARACTERS:
        raise ExpressionError(f"an expression has at most {MAX_CHARACTERS:,} characters, this has {len(text):,}")
    parser = _Parser(text, names if isinstance(names, set | frozenset | Mapping) else frozenset(names))
    found = parser.sum(0)
    parser.end()
    return found


def names_in(expression: Expression) -> tuple[str, ...]:
    """The curves that an expression needs, each once, in the order of the text."""
    match expression:
        case Curve(name):
            return (name,)
        case Applied(_, parts):
            return tuple(dict.fromkeys(name for part in parts for name in names_in(part)))
        case _:
            return ()


def worked_out(expression: Expression, values: Mapping[str, FloatArray]) -> FloatArray:
    """The value of an expression at every point; NaN or infinite where arithmetic gives that.

    Args:
        expression: as parsed.
        values: for each curve that it names, arrays of one shape.

    Returns:
        float64 of that shape; of no dimensions where the expression names no curve.
    """
    with np.errstate(all="ignore"):
        return np.asarray(_value(expression, values), np.float64)


def _value(expression: Expression, values: Mapping[str, FloatArray]) -> FloatArray:
    match expression:
        case Number(value):
            return np.asarray(value, np.float64)
        case Curve(name):
            return values[name]
        case Applied("negative", (part,)):
            return np.negative(_value(part, values))
        case Applied(name, parts):
            function = _OPERATORS.get(name) or FUNCTIONS[name].of
            return function(*(_value(part, values) for part in parts))


class _Parser:
    """A text and how far it was read."""

    def __init__(self, text: str, names: Collection[str]) -> None:
        self._text = text
        self._names = names
        self._at = 0

    def sum(self, depth: int) -> Expression:
        return self._chain("+-", self._product, depth)

    def end(self) -> None:
        if self._next():
            raise ExpressionError(f"an operator was expected at “{self._rest()}”")

    def _product(self, depth: int) -> Expression:
        return self._chain("*/", self._signed, depth)

    def _chain(self, operators: str, part: Callable[[int], Expression], depth: int) -> Expression:
        found = part(depth)
        while (operator := self._next()) and operator in operators:
            self._at += 1
            found = Applied(operator, (found, part(depth)))
        return found

    def _signed(self, depth: int) -> Expression:
        negative = False
        while (sign := self._next()) and sign in "+-":
            negative ^= sign == "-"
            self._at += 1
        found = self._single(depth)
        return Applied("negative", (found,)) if negative else found

    def _single(self, depth: int) -> Expression:
        if depth > _MAX_DEPTH:
            raise ExpressionError(f"parentheses stand in one another more than {_MAX_DEPTH} deep; write it flatter")
        character = self._next()
        if character == "(":
            self._at += 1
            found = self.sum(depth + 1)
            self._closed()
            return found
        if character == "`":
            return self._quoted()
        if character and (name := self._name()) is not None:
            return name
        if number := _NUMBER.match(self._text, self._at):
            self._at = number.end()
            return Number(float(number[0]))
        if character and (word := _PLAIN_NAME.match(self._text, self._at)):
            return self._word(word[0], depth)
        where = f"before “{self._rest()}”" if character else "at the end"
        raise ExpressionError(f"a curve or a number is missing {where}")

    def _word(self, word: str, depth: int) -> Expression:
        """A function with what it is taken of, or a name that no curve has."""
        self._at += len(word)
        if word not in FUNCTIONS:
            run = _NAME_RUN.match(self._text, self._at - len(word))
            raise ExpressionError(f"no curve is called “{run[0] if run else word}”")
        if self._next() != "(":
            raise ExpressionError(f"{word} needs what it is taken of in parentheses")
        self._at += 1
        parts = [self.sum(depth + 1)]
        while self._next() == ",":
            self._at += 1
            parts.append(self.sum(depth + 1))
        self._closed()
        function = FUNCTIONS[word]
        if len(parts) < function.least or (len(parts) > function.least and not function.several):
            wanted = f"{function.least} or more" if function.several else f"{function.least}"
            raise ExpressionError(f"{word} is taken of {wanted} values, this has {len(parts)}")
        return Applied(word, tuple(parts))

    def _name(self) -> Curve | None:
        """The longest curve's name that stands here and does not go on in the middle of a word."""
        run = _NAME_RUN.match(self._text, self._at)
        if run is None:
            return None
        for end in range(run.end(), self._at, -1):
            name = self._text[self._at : end]
            if name in self._names and not self._splits_a_word(end) and not self._calls(name, end):
                self._at = end
                return Curve(name)
        return None

    def _splits_a_word(self, end: int) -> bool:
        around = self._text[end - 1 : end + 1]
        return len(around) == 2 and all(one.isalnum() or one == "_" for one in around)

    def _calls(self, name: str, end: int) -> bool:
        """Whether a function of that name is meant, although a curve is called so too."""
        return name in FUNCTIONS and _BEFORE_PARENTHESIS.match(self._text, end) is not None

    def _quoted(self) -> Curve:
        closing = self._text.find("`", self._at + 1)
        if closing < 0:
            raise ExpressionError(f"the backquote before “{self._rest(1)}” is not closed")
        name = self._text[self._at + 1 : closing]
        if name not in self._names:
            raise ExpressionError(f"no curve is called “{name}”")
        self._at = closing + 1
        return Curve(name)

    def _closed(self) -> None:
        if self._next() != ")":
            where = f"before “{self._rest()}”" if self._next() else "at the end"
            raise ExpressionError(f"a closing parenthesis is missing {where}")
        self._at += 1

    def _next(self) -> str:
        """The next character that is no space, empty at the end."""
        while self._at < len(self._text) and self._text[self._at].isspace():
            self._at += 1
        return self._text[self._at : self._at + 1]

    def _rest(self, skipped: int = 0) -> str:
        rest = self._text[self._at + skipped :]
        return rest if len(rest) <= 20 else f"{rest[:19]}…"
