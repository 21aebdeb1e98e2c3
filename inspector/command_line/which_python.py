"""Which Python trains: what `--python` says, or what is there."""

from __future__ import annotations


def interpreter_of(rest: list[str]) -> str:
    """The interpreter that `--python` names, taken out of the words; without, this program's own, which is empty.

    A frozen program has none of its own: there it is the one that was chosen last or the first found that can.

    Raises:
        UsageError: it is none, or lacks what training needs.
    """
    place = next((index for index, word in enumerate(rest) if word.partition("=")[0] == "--python"), None)
    if place is None or rest[place:] == ["--python"]:  # of the second the trainer's parser tells
        return _unnamed(rest)
    from inspector.core.errors import UsageError
    from inspector.jobs.interpreter_probe import probed
    from inspector.jobs.interpreters import interpreter_at

    named = rest.pop(place).partition("=")[2] or rest.pop(place)
    interpreter = interpreter_at(named)
    problem = probed(interpreter, devices=False).problem()
    if problem:
        raise UsageError(problem)
    return interpreter


def _unnamed(rest: list[str]) -> str:
    from inspector.jobs.children import is_frozen

    if not is_frozen() or not {"-h", "--help"}.isdisjoint(rest):
        return ""
    from inspector.jobs.interpreters import able_interpreter
    from inspector.session.preferences_store import load_preferences

    return able_interpreter(load_preferences()[0].interpreter)
