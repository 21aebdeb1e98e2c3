"""Rules of the user's own: a Python file with `CHECKS`, by the protocol of the program's own checks.

The file is run, before this process locks itself; so it is one that the user has named. That it lies beside a run, or
that a run names it, is never enough.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable
from contextlib import redirect_stdout
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

import msgspec

from inspector.core.errors import FileError, WorkCancelled
from inspector.core.pulse import Pulse
from inspector.core.python_file import failure_text, run_python_file
from inspector.diagnosis.check import About, Answer, Check
from inspector.diagnosis.engine import CHECKS
from inspector.diagnosis.material import Material
from inspector.diagnosis.values import UNREAD_RULES, Finding, NotAssessable

_EXPECTED = "a file of rules (see resources/examples/rules.py)"
_MODULE = "rules_of_the_user"

_NOTHING_SAID: Any = dict.fromkeys(("symptom", "definition", "why", "confirm", "false_alarm", "cure", "source"), "")

_Value = TypeVar("_Value", bound=msgspec.Struct)


class _RuleError(Exception):
    """A rule's answer is none."""


def load_rules(path: Path) -> tuple[Check, ...]:
    """The checks of a file, which is run; each says by which file it was made, and can fail without harm to others.

    Raises:
        MissingError: there is no such file.
        FileError: it fails while it is run, or holds no checks.
    """
    with redirect_stdout(sys.stderr):  # what is printed for other programs is theirs alone
        module = run_python_file(path, _MODULE, _EXPECTED, "mend it, or name another")
    checks = getattr(module, "CHECKS", None)
    if not isinstance(checks, tuple | list) or not checks or not all(isinstance(one, Check) for one in checks):
        raise FileError(path, _EXPECTED, "no tuple CHECKS of Check", "end it with CHECKS = (Check(...),)")
    known = {about.id for one in CHECKS for about in one.abouts}
    own = []
    for one in checks:
        if not isinstance(one.abouts, tuple | list):
            found = f"a Check whose abouts are one {type(one.abouts).__name__}"
            raise FileError(path, _EXPECTED, found, "put it into a tuple: abouts=(About(...),)")
        abouts = tuple(_about(about, path, known) for about in one.abouts)
        if not abouts:
            raise FileError(path, _EXPECTED, "a Check without an About", "say what it finds: abouts=(About(...),)")
        function = partial(_answer, one.function, abouts, path)
        concerns = partial(_concerns, one.concerns)
        own.append(msgspec.structs.replace(one, abouts=abouts, function=function, concerns=concerns))
    return tuple(own)


def load_or_tell(path: Path) -> tuple[Check, ...]:
    """As `load_rules`; of a file that fails, one check that says why."""
    try:
        return load_rules(path)
    except FileError as error:
        about = About(id=UNREAD_RULES.id, title=UNREAD_RULES.title, rules=(), **_NOTHING_SAID)
        return (Check(abouts=(about,), function=partial(_told_why, about, str(error))),)


def _told_why(about: About, because: str, _material: Material, _pulse: Pulse) -> Answer:
    return about.not_assessable(because)


def _about(about: object, path: Path, known: set[str]) -> About:
    """What a check says of what it finds, whose id no other has."""
    if not isinstance(about, About):
        raise FileError(path, _EXPECTED, f"{type(about).__name__} among the abouts of a Check", "make it an About")
    try:
        checked = _typed(about)
    except _RuleError as error:
        raise FileError(path, _EXPECTED, f"an About whose {error}", "give it that type") from error
    if checked.id in known:
        raise FileError(path, _EXPECTED, f"an About whose id {checked.id} is taken", "give it a name of its own")
    known.add(checked.id)
    return checked


def _answer(
    function: Callable[[Material, Pulse], Answer],
    abouts: tuple[About, ...],
    path: Path,
    material: Material,
    pulse: Pulse,
) -> Answer:
    """What a rule says, marked as the user's own; that it failed, where it did."""
    try:
        with redirect_stdout(sys.stderr):
            said = function(material, pulse)
        return _checked(said, abouts, path)
    except WorkCancelled:
        raise
    except (Exception, SystemExit) as error:  # noqa: BLE001 - whatever the user's code does, the others are told
        return abouts[0].not_assessable(f"your own rule failed: {_told(error, path)}")


def _checked(said: object, abouts: Iterable[About], path: Path) -> Answer:
    if said is None:
        return None
    if not isinstance(said, Finding | NotAssessable):
        raise _RuleError(f"it answered with {type(said).__name__}, not with a Finding, a NotAssessable or None")
    typed = _typed(said)
    if typed.id not in [about.id for about in abouts]:
        raise _RuleError(f"it answered with {typed.id}, which its abouts do not name")
    return msgspec.structs.replace(typed, rule_file=path.name) if isinstance(typed, Finding) else typed


def _concerns(function: Callable[[Material], bool], material: Material) -> bool:
    """Whether a rule has to do with a run; one that cannot say so is told of."""
    try:
        return bool(function(material))
    except (Exception, SystemExit):  # noqa: BLE001 - as above
        return True


def _typed(value: _Value) -> _Value:
    """The same with fields of the right types, which a struct alone does not look at."""
    try:
        return msgspec.convert(msgspec.to_builtins(value, builtin_types=(float,)), type(value))
    except (msgspec.ValidationError, TypeError) as error:
        raise _RuleError(f"fields are not as they should be: {error}") from error


def _told(error: BaseException, path: Path) -> str:
    """What failed in which line; what this module found wrong by itself, without its type."""
    return str(error) if isinstance(error, _RuleError) else failure_text(error, path)
