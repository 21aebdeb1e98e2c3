"""What serialised TensorBoard events say, by the protobuf wire format alone: right for every event, one at a time.

Source: tensorboard/compat/proto/{event,summary}.proto.
"""

from __future__ import annotations

import math
import struct
from typing import NamedTuple

import numpy as np

from inspector.artifacts.logs.event_tensors import Number, Tensor, single_number, tensor
from inspector.artifacts.logs.protobuf import (
    BYTES,
    FIXED32,
    FIXED64,
    VARINT,
    Field,
    expect,
    fields,
    inner,
    signed,
    text,
)
from inspector.formats.log_media import MediaKind

MAX_TEXT = 200
"""Characters of a text that are listed with it."""


class Scalar(NamedTuple):
    """One number of a summary, where in the event it is written, and how; `dtype` None: at no fixed width."""

    tag: str
    value: float
    place: int
    dtype: np.dtype[np.generic] | None


class Thing(NamedTuple):
    """One thing of an event that is no number; its bytes begin at `start` in the event."""

    kind: MediaKind
    tag: str
    start: int
    bytes: int
    parts: int = 1
    text: str = ""


class Event(NamedTuple):
    """What an event says.

    Attributes:
        wall_time: seconds since 1970, NaN where it is not told.
        scalars: numbers, in order.
        things: pictures, texts and so on, in order.
        others: a word for each thing in it that is neither (`tensor`, `log message`, ...).
        begins: a writer begins here.
        plain: its time, then its step if any, and scalars alone.
        stops: a writer says that its session is over.
    """

    wall_time: float
    step: int
    scalars: list[Scalar]
    things: list[Thing]
    others: list[str]
    begins: bool
    plain: bool
    stops: bool = False


_DOUBLE = struct.Struct("<d")
_FLOAT = struct.Struct("<f")
_FLOAT32 = np.dtype("<f4")
_MAX_PLUGINS = 200_000
_START, _STOP = 1, 2
"""SessionLog.START and STOP."""

TIME_PLACE, STEP_PLACE = 1, 10
"""Where time and step stand in a plain event."""

_GRAPHS: dict[int, str] = {4: "graph", 9: "meta graph"}
_OTHER_EVENTS = {6: "log message", 8: "run profile"}
_PLUGINS: dict[str, MediaKind] = {
    "images": "image",
    "histograms": "histogram",
    "distributions": "histogram",
    "audio": "audio",
    "text": "text",
    "hparams": "hparams",
    "pr_curves": "pr_curve",
    "mesh": "mesh",
    "custom_scalars": "layout",
    "graphs": "graph",
    "graph_keras_model": "graph",
}


class EventReader:
    """Reads the events of one file in order; what a tag's first value is said to be, its later ones are."""

    def __init__(self) -> None:
        self._plugins: dict[str, str] = {}

    def read(self, data: bytes) -> Event:
        """One event.

        Raises:
            WireError: these bytes are no event.
        """
        wall_time, step = math.nan, 0
        scalars: list[Scalar] = []
        things: list[Thing] = []
        others: list[str] = []
        begins = stops = False
        plain = data[:1] == b"\x09"
        for index, field in enumerate(fields(data, 0, len(data))):
            number = field.number
            if number == 1:
                expect(field, FIXED64)
                wall_time = _DOUBLE.unpack_from(data, field.start)[0]
                plain &= index == 0
            elif number == 2:
                expect(field, VARINT)
                step = signed(field.start)
                plain &= index == 1
            elif number == 3:
                begins = True
            elif number == 5:
                for part in inner(data, field):
                    if part.number == 1:
                        self._value(data, part, scalars, things, others)
            elif number == 7:
                status = [one.start for one in inner(data, field) if one.number == 1]
                begins |= _START in status
                stops |= _STOP in status
            elif number in _GRAPHS:
                expect(field, BYTES)
                things.append(Thing("graph", _GRAPHS[number], field.start, field.end - field.start))
            elif number in _OTHER_EVENTS:
                others.append(_OTHER_EVENTS[number])
        plain &= bool(scalars) and not (things or others or begins or stops)
        return Event(wall_time, step, scalars, things, others, begins, plain, stops)

    def _value(self, data: bytes, field: Field, scalars: list[Scalar], things: list[Thing], others: list[str]) -> None:
        value = _value_of(data, field)
        tag, plugin = value.tag, value.plugin
        if tag in self._plugins or ((plugin or value.tensor) and len(self._plugins) < _MAX_PLUGINS):
            plugin = self._plugins.setdefault(tag, plugin)
        kind = _PLUGINS.get(plugin)
        number = value.number
        if value.tensor:
            found = tensor(data, value.tensor.start, value.tensor.end)
            number = None if kind else single_number(data, found)
            if kind:
                things.extend(_things(data, kind, tag, value.tensor, found, value.content))
            elif number is None:
                others.append("tensor")
        elif value.legacy:
            things.append(_LEGACY[value.legacy.number](data, tag, value.legacy))
        elif number is None and kind and value.content:
            things.append(Thing(kind, tag, value.content.start, value.content.end - value.content.start))
        if number is not None:
            scalars.append(Scalar(tag, *number))


class _Value(NamedTuple):
    """The parts of one value of a summary; `legacy` is a picture, clip or histogram in a message of its own."""

    tag: str
    number: Number | None
    tensor: Field | None
    legacy: Field | None
    plugin: str
    content: Field | None


def _value_of(data: bytes, value: Field) -> _Value:
    tag = node = ""
    number: Number | None = None
    tensor_field: Field | None = None
    legacy: Field | None = None
    plugin, content = "", None
    for field in inner(data, value):
        if field.number == 1:
            tag = text(data, field)
        elif field.number == 7:
            node = text(data, field)
        elif field.number == 2:
            expect(field, FIXED32)
            number = Number(_FLOAT.unpack_from(data, field.start)[0], field.start, _FLOAT32)
        elif field.number == 8:
            expect(field, BYTES)
            tensor_field = field
        elif field.number == 9:
            plugin, content = _plugin(data, field)
        elif field.number in _LEGACY:
            expect(field, BYTES)
            legacy = field
    return _Value(tag or node, number, tensor_field, legacy, plugin, content)


def _plugin(data: bytes, metadata: Field) -> tuple[str, Field | None]:
    """The plugin that a value's metadata names, and what is said to it; an empty text and None where it names none."""
    name, content = "", None
    for field in inner(data, metadata):
        if field.number == 1:
            for one in inner(data, field):
                if one.number == 1:
                    name = text(data, one)
                elif one.number == 2 and one.wire == BYTES:
                    content = one
    return name, content


def _things(data: bytes, kind: MediaKind, tag: str, whole: Field, found: Tensor, content: Field | None) -> list[Thing]:
    """What a tensor of a plugin holds, one entry a picture, clip or text."""
    texts = found.texts
    if kind == "image":
        texts = texts[2:]  # width and height stand before the pictures
    if kind in ("image", "audio", "text", "layout", "graph") and texts:
        if kind == "audio" and found.shape is not None and len(found.shape) > 1:
            texts = texts[::2]  # every clip comes with its label
        if kind == "text":
            return [_listed_text(data, tag, whole, texts)]
        return [Thing(kind, tag, one.start, one.end - one.start) for one in texts]
    if kind == "hparams" and content:
        whole = content
    count = found.shape[-2] if kind == "histogram" and found.shape and len(found.shape) > 1 else 1
    return [Thing(kind, tag, whole.start, whole.end - whole.start, max(count, 0))]


def _listed_text(data: bytes, tag: str, whole: Field, texts: list[Field]) -> Thing:
    """A text, or several of one value in one entry whose bytes are then the whole tensor."""
    if len(texts) == 1:
        whole = texts[0]
    shown = "\n".join(
        data[one.start : min(one.end, one.start + 4 * MAX_TEXT)].decode("utf-8", "backslashreplace")
        for one in texts[:MAX_TEXT]
    )
    return Thing("text", tag, whole.start, whole.end - whole.start, len(texts), shown[:MAX_TEXT])


def _within(number: int, kind: MediaKind, data: bytes, tag: str, field: Field) -> Thing:
    """The encoded picture or clip within its message."""
    for one in inner(data, field):
        if one.number == number and one.wire == BYTES:
            return Thing(kind, tag, one.start, one.end - one.start)
    return Thing(kind, tag, field.end, 0)


def _picture(data: bytes, tag: str, field: Field) -> Thing:
    return _within(4, "image", data, tag, field)


def _clip(data: bytes, tag: str, field: Field) -> Thing:
    return _within(4, "audio", data, tag, field)


def _histogram(data: bytes, tag: str, field: Field) -> Thing:
    bins = 0
    for one in inner(data, field):
        if one.number == 7:
            bins += (one.end - one.start) // 8
    return Thing("histogram", tag, field.start, field.end - field.start, bins)


_LEGACY = {4: _picture, 5: _histogram, 6: _clip}
