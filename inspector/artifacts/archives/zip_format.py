"""How a zip archive is laid out, for those who read it and those who write it.

Source: PKWARE APPNOTE 6.3.10, sections 4.3 and 4.4.
"""

from __future__ import annotations

from struct import Struct

LOCAL_SIGNATURE = b"PK\x03\x04"
CENTRAL_SIGNATURE = b"PK\x01\x02"
DESCRIPTOR_SIGNATURE = b"PK\x07\x08"
END64_SIGNATURE = b"PK\x06\x06"
END64_LOCATOR_SIGNATURE = b"PK\x06\x07"
END_SIGNATURE = b"PK\x05\x06"

LOCAL_HEADER = Struct("<4s5H3I2H")
CENTRAL_HEADER = Struct("<4s6H3I5H2I")
LOCAL_FIELDS = Struct("<6x2H12xI2H")
CENTRAL_FIELDS = Struct("<4s4x2H4x3I4H2x2I")
"""Of the headers what a reader asks for: the others' places are passed over."""

DESCRIPTOR = Struct("<4sIII")
WIDE_DESCRIPTOR = Struct("<4sIQQ")
END64 = Struct("<4sQ2H2I4Q")
END64_BEFORE_REST = 12
"""Its signature and the field that counts what follows that field."""

END64_LOCATOR = Struct("<4sIQI")
END = Struct("<4s4H2IH")

STORED = 0
DEFLATED = 8

ENCRYPTED = 1  # bits of the flags
DESCRIBED_LATER = 8
"""Checksum and sizes stand after the bytes."""

KNOWN_FLAGS = 0x080F
"""Encryption, how well it was deflated, sizes that stand after the bytes, names in UTF-8."""

WIDE_FIELD = 1
"""The extra field with the 64-bit numbers, for each number that is the greatest of its own field."""

U16_MAX = 0xFFFF
U32_MAX = 0xFFFFFFFF
