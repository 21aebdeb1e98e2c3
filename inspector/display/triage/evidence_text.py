"""Pieces of evidence in words: what each says, and of what, where it does not say that itself."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import PurePath
from typing import NamedTuple

from inspector.core.language import tr_listed
from inspector.core.texts import visible
from inspector.diagnosis.values import Evidence, SettingEvidence, TensorEvidence
from inspector.formats.setting_values import value_text

_TEXT, _NAME = 2000, 60
_MOST_NAMES = 6


class Words(NamedTuple):
    """One piece of evidence.

    Attributes:
        file: what it lies in (`step_0000126.pt`), empty where `says` tells it.
        name: what it is of (`memory.embed.weight`, `optim.lr 0.02`), empty likewise.
    """

    file: str
    name: str
    says: str

    @property
    def text(self) -> str:
        """`optim.lr 0.02: …`, `step_0000126.pt · memory.embed.weight: …`, or what it says alone."""
        of = " · ".join(one for one in (self.file, self.name) if one)
        return f"{of}: {self.says}" if of else self.says


def evidence_words(evidence: Evidence) -> Words:
    """What a piece of evidence says, and of what."""
    says = visible(evidence.text, _TEXT)
    match evidence:
        case SettingEvidence(path=path, value=value) if path not in says:
            return Words("", f"{visible(path, _NAME)} {visible(value_text(value), _NAME)}", says)
        case TensorEvidence(checkpoint=checkpoint, name=name):
            file, tensor = (visible(one, _NAME) if one not in says else "" for one in (PurePath(checkpoint).name, name))
            return Words(file, tensor, says)
        case _:
            return Words("", "", says)


def evidence_texts(words: Iterable[Words]) -> list[str]:
    """Evidence as a list of texts; what is said of several things of a file is said once, with their names."""
    of_each: dict[tuple[str, str], list[str]] = {}
    for one in words:
        of_each.setdefault((one.file, one.says), []).append(one.name)
    return [Words(file, _names(names), says).text for (file, says), names in of_each.items()]


def _names(names: Iterable[str]) -> str:
    return tr_listed([name for name in dict.fromkeys(names) if name], _MOST_NAMES)
