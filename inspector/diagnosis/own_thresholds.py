"""The thresholds that a file beside a run sets anew."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import msgspec

from inspector.core.notes import Notes
from inspector.core.texts import visible
from inspector.core.units import number_text
from inspector.diagnosis.threshold_table import NAMED
from inspector.diagnosis.thresholds import DEFAULTS, Thresholds
from inspector.formats.facts import OtherFacts, SettingsFacts
from inspector.formats.run_folder import THRESHOLDS_FILE
from inspector.runs.values import Run

_NAMES = frozenset(Thresholds.__struct_fields__)
_SHOWN_CHARACTERS = 60
_WORDS = {
    "float": "a number",
    "int": "a whole number",
    "<=": "of at most",
    ">=": "of at least",
    "<": "below",
    ">": "above",
}


def thresholds_of(run: Run, notes: Notes | None = None) -> Thresholds:
    """Those in force for a run: what `thresholds.toml` in its folder set when it was read, and the defaults.

    An entry that is no threshold, or out of its range, is noted and its default holds; of a file that cannot be read
    all do.
    """
    notes = Notes() if notes is None else notes
    held = next((entry.facts for entry in run.files if entry.name == THRESHOLDS_FILE), None)
    match held:
        case SettingsFacts():
            return _with(held.values, notes)
        case OtherFacts() if held.bytes:
            notes.add(f"{held.because}; the default thresholds hold")
        case _:
            pass
    return DEFAULTS


def _with(values: Mapping[str, Any], notes: Notes) -> Thresholds:
    good: dict[str, Any] = {}
    for name, value in values.items():
        if name not in _NAMES:
            notes.add(f"{THRESHOLDS_FILE}: there is no threshold {visible(name, _SHOWN_CHARACTERS)}")
            continue
        try:
            good[name] = getattr(msgspec.convert({name: value}, Thresholds), name)
        except msgspec.ValidationError as error:
            expected = re.split(r",? got | - at ", str(error).removeprefix("Expected ").replace("`", ""))[0].strip(", ")
            for written, meant in _WORDS.items():
                expected = expected.replace(written, meant)
            found, default = visible(str(value), _SHOWN_CHARACTERS), number_text(getattr(DEFAULTS, name))
            notes.add(f"{THRESHOLDS_FILE}: {name} expected {expected}, found {found}; the default {default} holds")
    return msgspec.structs.replace(DEFAULTS, **good)


def set_anew(texts: str, thresholds: Thresholds) -> str:
    """`mask_entropy is 0.9 by thresholds.toml, 0.98 by default`, of those that texts name; empty of none."""
    named = dict.fromkeys(NAMED.findall(texts))
    told = [
        f"{name} is {number_text(getattr(thresholds, name))} by {THRESHOLDS_FILE},"
        f" {number_text(getattr(DEFAULTS, name))} by default"
        for name in named
        if name in _NAMES and getattr(thresholds, name) != getattr(DEFAULTS, name)
    ]
    return "; ".join(told)
