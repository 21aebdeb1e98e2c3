"""Archives as Python's own modules write them, by what is in them."""

from __future__ import annotations

import io
import struct
import tarfile
import zipfile
from collections.abc import Mapping


def zip_of(entries: Mapping[str, bytes], method: int = zipfile.ZIP_STORED) -> bytes:
    """A zip archive of these members."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", method) as archive:
        for name, content in entries.items():
            archive.writestr(name, content)
    return out.getvalue()


def entry_said(
    archive: bytes, name: str, *, flags: int | None = None, method: int | None = None, size: int | None = None
) -> bytes:
    """The archive with other things said of one member, where it stands and in the directory; its bytes stay."""
    changed = bytearray(archive)
    with zipfile.ZipFile(io.BytesIO(archive)) as opened:
        local = opened.getinfo(name).header_offset
    central = archive.rindex(b"PK\x01\x02", 0, archive.rindex(name.encode()))
    for place, first in ((local, 6), (central, 8)):
        for offset, layout, value in ((first, "<H", flags), (first + 2, "<H", method)):
            if value is not None:
                struct.pack_into(layout, changed, place + offset, value)
        if size is not None:
            struct.pack_into("<II", changed, place + first + 12, size, size)
    return bytes(changed)


def tar_of(entries: Mapping[str, bytes], how: str = "w", pax: bool = True) -> bytes:
    """A tar archive of these members."""
    out = io.BytesIO()
    kind = tarfile.PAX_FORMAT if pax else tarfile.GNU_FORMAT
    with tarfile.open(fileobj=out, mode=how, format=kind) as archive:  # type: ignore[call-overload]  # the mode is any text
        for name, content in entries.items():
            info = tarfile.TarInfo(name)
            info.size = len(content)
            archive.addfile(info, io.BytesIO(content))
    return out.getvalue()
