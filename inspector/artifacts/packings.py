"""How zlib calls the packings of gzip and deflate, and how a gzip file begins."""

from __future__ import annotations

GZIP, DEFLATE = 31, -15
"""The argument `wbits` of zlib; negative for a stream without header and checksum."""

GZIP_SIGNATURE = b"\x1f\x8b"
