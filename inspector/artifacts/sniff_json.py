"""Whether a JSON document is a history of numbers: told by its shape, and by names where that is not enough."""

from __future__ import annotations

import json
import re
from typing import Any

from inspector.formats.metrics import is_number

LOG_HISTORY = "log_history"
"""Where `trainer_state.json` of the Hugging Face Trainer keeps its records."""

_MEASURE = re.compile(
    r"(?:^|[^a-z])(?:loss|acc|accuracy|lr|learning_rate|error|err|mae|mse|rmse|iou|miou|map|ari|auc|f1|psnr|ssim|reward|"
    r"perplexity|ppl|wer|grad_norm)(?:$|[^a-z])"
)
_PLACE = frozenset(("step", "global_step", "_step", "steps", "iteration", "iter", "epoch", "epochs", "timestep"))
_HISTORY_NAME = re.compile(r"hist|metric|progress|train(?:ing)?[_-]?log|^log\b|curve|loss")

_LOOKED_AT_RECORDS = 50


def is_history(value: Any, name: str) -> bool:
    """Whether a parsed document, or its beginning, is a history.

    Args:
        value: the document.
        name: of the file.
    """
    if isinstance(value, dict) and isinstance(value.get(LOG_HISTORY), list):
        return True
    if isinstance(value, list):
        records = value[:_LOOKED_AT_RECORDS]
        return bool(records) and all(isinstance(record, dict) for record in records) and _are_measured(records, name)
    return isinstance(value, dict) and _is_of_columns(value, name)


def _are_measured(records: list[dict[str, Any]], name: str) -> bool:
    """Records of a run: each with numbers, which are named as measures, or stand at steps in a file of that name."""
    keys = {key.lower() for record in records for key, value in record.items() if is_number(value)}
    each = all(any(is_number(value) for value in record.values()) for record in records)
    placed = not keys.isdisjoint(_PLACE)
    measured = any(_MEASURE.search(key) for key in keys)
    named = _HISTORY_NAME.search(name.lower()) is not None
    return each and measured + placed + named > 1


def _is_of_columns(value: dict[str, Any], name: str) -> bool:
    """Lists of numbers of one length under names of measures, as `History.history` of Keras."""
    columns = {key.lower(): item for key, item in value.items() if is_column(item)}
    if not columns or len({len(item) for item in columns.values()}) > 1 or 2 * len(columns) <= len(value):
        return False
    measured = any(_MEASURE.search(key) for key in columns)
    return measured and (len(next(iter(columns.values()))) > 1 or _HISTORY_NAME.search(name.lower()) is not None)


def is_column(value: Any) -> bool:
    """Whether a value is a list of numbers with something in it."""
    return isinstance(value, list) and bool(value) and all(map(is_number, value))


def parsed(text: str) -> Any:
    """A whole document; None where it is none."""
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return None


def parsed_as_far(text: str) -> Any:
    """The document that a torn one begins as, up to its last whole record or number; None where nothing is whole."""
    for end in ("}", ","):
        place = len(text)
        for _ in range(8):
            place = text.rfind(end, 0, place)
            if place < 0:
                break
            value = _closed(text[: place + (end == "}")])
            if value is not None:
                return value
    return None


def _closed(text: str) -> Any:
    """A document cut where something is whole, with what is open closed."""
    opened = []
    for bracket in _BRACKETS.finditer(text):
        if bracket[0] in "{[":
            opened.append("}" if bracket[0] == "{" else "]")
        elif bracket[0] in "}]" and opened:
            opened.pop()
    return parsed(text + "".join(reversed(opened)))


_BRACKETS = re.compile(r'"(?:[^"\\]|\\.)*"|[{}\[\]]')
