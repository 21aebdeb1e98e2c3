"""How far a file is read before what was read is shown with a note; who wants more asks for generous limits."""

from __future__ import annotations

import msgspec

from inspector.core.pulse import Pulse


class ReadingLimits(msgspec.Struct, frozen=True):
    """Where reading stops.

    Attributes:
        opcodes: of one pickle; two million take a second.
        charged_bytes: what the values of one pickle take in memory, about.
        stack: values or marks that wait at once.
        streams: pickles in one file.
        visits: values and tensors listed.
        objects: plain values listed.
        text_characters: of the plain values together.
        members: entries of an archive.
        unpacked_bytes: of one packed entry of an archive.
        header_bytes: of a safetensors file; the format allows 100 MB, which take some 800 MB and seconds to parse.
    """

    opcodes: int = 20_000_000
    charged_bytes: int = 450_000_000
    stack: int = 1_000_000
    streams: int = 1_000
    visits: int = 250_000
    objects: int = 20_000
    text_characters: int = 8_000_000
    members: int = 200_000
    unpacked_bytes: int = 512_000_000
    header_bytes: int = 8_000_000


USUAL = ReadingLimits()

GENEROUS = ReadingLimits(
    opcodes=200_000_000,
    charged_bytes=1_600_000_000,
    stack=10_000_000,
    streams=100_000,
    visits=2_500_000,
    objects=200_000,
    text_characters=80_000_000,
    members=1_000_000,
    unpacked_bytes=16_000_000_000,
    header_bytes=100_000_000,
)
"""Minutes of work and most of a reader's memory; asked for by someone who watches."""

MAX_INFLATION = 200
"""A packed stream that grows more than this is taken for a bomb once it passes INFLATION_FREE_BYTES."""

INFLATION_FREE_BYTES = 1 << 20

MAX_INFLATION_AT_ALL = 1_032
"""More than this deflate cannot do. Source: zlib's technical details."""

READ_ON = "read it with generous limits"
"""What helps where a limit is in the way."""


def limits_of(pulse: Pulse) -> ReadingLimits:
    """The limits that whoever watches this work has set."""
    return GENEROUS if pulse.generous else USUAL
