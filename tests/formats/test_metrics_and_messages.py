"""What is written can be read: records with non-finite numbers, and values with arrays."""

from __future__ import annotations

import json
import math

import msgspec
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from inspector.core.arrays import FloatArray, Rgba
from inspector.formats import messages
from inspector.formats.metrics import decode_record, encode_record, is_number
from inspector.formats.nonfinite import to_json


def test_non_finite_numbers_are_spelled_not_null() -> None:
    line = encode_record({"step": 3, "a": math.nan, "b": math.inf, "c": -math.inf, "d": 0.5})
    assert json.loads(line) == {"step": 3, "a": "NaN", "b": "Infinity", "c": "-Infinity", "d": 0.5}
    back = decode_record(line)
    assert math.isnan(back["a"])
    assert (back["b"], back["c"]) == (math.inf, -math.inf)


def test_nested_json_spells_them_too() -> None:
    class Value(msgspec.Struct):
        x: float
        rest: tuple[float, ...]

    assert json.loads(to_json(Value(math.nan, (math.inf, 1.0)))) == {"x": "NaN", "rest": ["Infinity", 1.0]}


@given(st.dictionaries(st.text(min_size=1), st.floats(allow_nan=False) | st.integers(-(2**62), 2**62), max_size=5))
def test_records_come_back_exactly(record: dict[str, float]) -> None:
    back = decode_record(encode_record(record))
    assert back == record


def test_a_bool_is_no_curve() -> None:
    assert is_number(1)
    assert not is_number(True)
    assert not is_number("1")


class Scene(msgspec.Struct, frozen=True):
    picture: Rgba
    lines: tuple[FloatArray, ...]
    name: str = ""


def test_a_value_with_arrays_survives_the_journey() -> None:
    scene = Scene(np.arange(16, dtype=np.uint8).reshape(2, 2, 4), (np.arange(6.0)[::2], np.empty(0)), "x")
    body, arrays = messages.encode(scene)
    descriptors, size = messages.layout(arrays)
    block = bytearray(size)
    for array, descriptor in zip(arrays, descriptors, strict=True):
        block[descriptor.offset_bytes : descriptor.offset_bytes + array.nbytes] = array.tobytes()
    received = messages.arrays_in(bytes(block), descriptors)
    back = messages.decode(body, Scene, received)
    assert back.name == "x"
    np.testing.assert_array_equal(back.picture, scene.picture)
    np.testing.assert_array_equal(back.lines[0], [0, 2, 4])
    assert not back.picture.flags.writeable


def test_values_that_the_form_of_messages_cannot_hold_are_written_out() -> None:
    given = {"seed": 10**30, "edges": [-(2**63), 2**64 - 1, -(2**63) - 1], "long": 10**5000, "caf\udce9": True}
    body, _arrays = messages.encode(given)
    assert messages.decode(body, dict) == {
        "seed": "1" + "0" * 30,
        "edges": [-(2**63), 2**64 - 1, str(-(2**63) - 1)],
        "long": "an integer of 16,610 bits",
        "caf\\xe9": True,
    }


@pytest.mark.parametrize(
    "descriptor",
    [
        messages.ArrayDescriptor("<f8", (100,), 0),
        messages.ArrayDescriptor("<f8", (1,), 60),
        messages.ArrayDescriptor("|O", (1,), 0),
        messages.ArrayDescriptor("<f8", (-1,), 0),
        messages.ArrayDescriptor("<f8", (1,), -8),
    ],
)
def test_a_descriptor_that_lies_is_refused(descriptor: messages.ArrayDescriptor) -> None:
    with pytest.raises((ValueError, TypeError)):
        messages.arrays_in(bytes(64), (descriptor,))


def test_an_index_past_the_arrays_is_refused() -> None:
    body = msgspec.msgpack.encode({"picture": 5, "lines": []})
    with pytest.raises((msgspec.ValidationError, NotImplementedError)):
        messages.decode(body, Scene, [])
