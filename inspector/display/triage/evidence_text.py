"""A piece of evidence in words: what it says, and of what, where it does not say that itself."""

from __future__ import annotations

from pathlib import PurePath

from inspector.core.texts import visible
from inspector.diagnosis.values import Evidence, SettingEvidence, TensorEvidence
from inspector.formats.setting_values import value_text

_TEXT, _NAME = 2000, 60


def evidence_text(evidence: Evidence) -> str:
    """`optim.lr 0.02: …`, `step_0000126.pt · memory.embed.weight: …`, or what it says alone."""
    text = visible(evidence.text, _TEXT)
    match evidence:
        case SettingEvidence(path=path, value=value) if path not in text:
            return f"{visible(path, _NAME)} {visible(value_text(value), _NAME)}: {text}"
        case TensorEvidence(checkpoint=checkpoint, name=name):
            named = (PurePath(checkpoint).name, name)
            place = " · ".join(visible(one, _NAME) for one in named if one not in text)
            return f"{place}: {text}" if place else text
        case _:
            return text
