"""What a file is: by its bytes first, by its name where bytes cannot tell."""

from __future__ import annotations

import re
import zlib
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

from inspector.artifacts.archives.zip_archive import looks_like_zip, open_archive, words_in_directory
from inspector.artifacts.archives.zip_format import END, END_SIGNATURE
from inspector.artifacts.byte_file import ByteFile, Memory, ReadableFile, Source
from inspector.artifacts.companions import set_container
from inspector.artifacts.container_table import BY_NAME, begun_as
from inspector.artifacts.identity import Identity, is_settled
from inspector.artifacts.packings import GZIP, GZIP_SIGNATURE
from inspector.artifacts.pickles.pickle_machine import run
from inspector.artifacts.reading_limits import ReadingLimits
from inspector.core.errors import DamagedError, FileError
from inspector.core.notes import Notes
from inspector.core.pulse import QUIET, Pulse

HEAD_BYTES = 1 << 16
"""How much of a file is looked at, beside the directory of an archive."""

_KERAS_ATTRIBUTES = frozenset(("layer_names", "keras_version", "model_config"))
"""On the root of every file of weights or of a model that Keras wrote before version 3, and of models since."""

_KERAS_WEIGHTS = ".weights.h5"
"""How Keras 3 wants the names of weights to end; nothing in their bytes tells them from other HDF5."""

_HDF5_SUFFIXES = frozenset((".h5", ".hdf5", ".hdf", ".he5"))
"""Names under which bytes without the signature are damaged HDF5, of which its reader says more."""

_MAGIC_NUMBER = b"\x6c\xfc\x9c\x46\xf9\x20\x6a\xa8\x50\x19"
_MAGIC_NUMBER_TEXT = b"L119547037146038801333356L\n."
_MAX_TAR_MEMBERS = 8
_MAX_TAR_NAMES = 4096

_NUMPY_SIGNATURE = b"\x93NUMPY"

_SIGNATURES: tuple[tuple[bytes, str], ...] = (
    (b"\x89PNG\r\n\x1a\n", "png"),
    (b"\xff\xd8\xff", "jpeg"),
    (b"GIF8", "gif"),
    (b"%PDF-", "pdf"),
    (b"\x7fELF", "elf"),
    (b"SQLite format 3\0", "sqlite"),
    (b"PAR1", "parquet"),
    (b"ARROW1\0\0", "feather"),
    (b"FEA1", "feather"),
    (b"\x28\xb5\x2f\xfd", "zstd"),
    (b"BZh", "bzip2"),
    (b"\xfd7zXZ\0", "xz"),
)

_WEIGHT_ENDINGS = frozenset(
    ("pt", "pth", "th", "ckpt", "bin", "safetensors", "pkl", "pickle", "npy", "npz", "h5", "ptl")
)
"""How names of checkpoints in archives end."""

_MAX_INFLATED_BYTES = 1 << 24
"""How much of a packed archive is unpacked to find a checkpoint in it: some 50 ms."""

_LOOKED_AT_MEMBERS = 20_000
_EVALUATIONS = frozenset(("timesteps.npy", "results.npy", "ep_lengths.npy"))
"""What Stable-Baselines3 keeps of its evaluations of a policy."""

_MOBILE, _CONSTANTS = b"/bytecode.pkl", b"/constants.pkl"

_LOG_SUFFIXES = frozenset((".log", ".out", ".err"))
_NO_LOGS = frozenset(("binary", "png", "jpeg", "gif", "pdf", "elf"))
"""What nobody would have packed or stored a log as: under the name of a log, its lines of text are read."""

_OLD_TORCHSCRIPT = r"(?:^|/)(?:tensors|code)/"
_PICKLE_SUFFIXES = frozenset((".pkl", ".pickle", ".p", ".joblib"))
_TEXT_PICKLE_STARTS = b"(]}cIFLSVNidlpg"
"""First bytes of pickles of protocols 0 and 1, which may be all text."""


class Sniffed(NamedTuple):
    """What a file seems to be.

    Attributes:
        kind: checkpoint, dump, metrics, console, settings, run record or unknown.
        container: how it is written (`torch-zip`, `hdf5`, `tfevents`, `jsonl`, ...).
    """

    kind: str
    container: str


def sniff(path: Path, pulse: Pulse = QUIET) -> Sniffed:
    """Tell what a file is.

    Read are its first 64 KB and, where these leave it open, the places where HDF5 may begin, the directory of an
    archive, or the beginning of what is packed with gzip.

    Raises:
        DamagedError: it is empty.
        MissingError: it is not there, or may not be read.
        UnsupportedError: it is no regular file.
    """
    with ByteFile(path) as file:
        if file.size == 0:
            raise DamagedError(path, "data", "0 bytes", "its writer may not have got to it, or the disk was full")
        kept = _known.get(path)
        if kept is not None and kept[0] == file.identity:
            return kept[1]
        container = set_container(path.name) or container_of(file, path, pulse)
        known = BY_NAME.get(container)
        found = Sniffed(known.kind if known else "unknown", container)
        if is_settled(file.identity):
            if len(_known) >= _KEPT_FILES:
                _known.clear()
            _known[path] = file.identity, found
    return found


_KEPT_FILES = 10_000
_known: dict[Path, tuple[Identity, Sniffed]] = {}
"""A log is looked at when it is listed, and again when its curves are read."""


def container_of(file: ReadableFile, name: Path, pulse: Pulse = QUIET) -> str:
    """How a file that is not empty is written; its name helps where bytes cannot tell.

    Args:
        file: the file, or a member of an archive.
        name: of the file, or of the member.
        pulse: of this work.
    """
    head = file.read(0, HEAD_BYTES)
    if not head:
        return "binary"  # a member of an archive that does not unpack
    found = _by_bytes(file, head, name, pulse)
    return "text" if found in _NO_LOGS and name.suffix.lower() in _LOG_SUFFIXES else found


def _by_bytes(file: ReadableFile, head: bytes, name: Path, pulse: Pulse) -> str:
    if looks_like_zip(head):
        return _zip_container(file, pulse)
    if head.startswith(_NUMPY_SIGNATURE):
        return _npy_container(file, name)
    for signature, container in _SIGNATURES:
        if head.startswith(signature):
            return container
    return (
        begun_as(head)
        or _hdf5(file, name)
        or _safetensors(file, head, name)
        or _tfevents(head, name)
        or _pickle(file, head, name)
        or _tar(file, head)
        or _text(file, head, name)
        or _joined_zip(file, pulse)
        or ("hdf5" if name.suffix.lower() in _HDF5_SUFFIXES else "binary")
    )


def _npy_container(file: ReadableFile, name: Path) -> str:
    from inspector.artifacts.dumps.numpy_kinds import npy_holds_samples

    return "npy-dump" if npy_holds_samples(file, name) else "npy"


def _npz_container(file: ReadableFile, names: tuple[str, ...], pulse: Pulse) -> str:
    if set(names) >= _EVALUATIONS:
        return "evaluations"
    from inspector.artifacts.dumps.numpy_kinds import npz_holds_samples

    return "npz-dump" if npz_holds_samples(file, names, pulse) else "npz"


def _text(file: ReadableFile, head: bytes, name: Path) -> str:
    from inspector.artifacts.sniff_text import text_container

    return text_container(name, head, file.size)


def _zip_container(file: ReadableFile, pulse: Pulse) -> str:
    first = file.read(30, int.from_bytes(file.read(26, 2), "little")).decode("utf-8", "replace")
    try:
        if first.endswith("/data.pkl"):  # what torch writes first; its archives may have many thousand entries
            found = words_in_directory(file, (_MOBILE, _CONSTANTS), pulse)
            return "torch-mobile" if _MOBILE in found else "torchscript" if _CONSTANTS in found else "torch-zip"
        names = tuple(open_archive(file, Notes(), pulse, headers=False, most=_LOOKED_AT_MEMBERS).by_name)
    except FileError:
        # Cut off: the directory at the end is gone, the first entry's name is left.
        if first.endswith("data.pkl") or ("/" in first and "/data" in first):
            return "torch-zip"
        if first.endswith(".npy"):
            return "npz"
        return "zip-of-checkpoints" if _holds_weights(first) else "zip"
    ends = {name.rpartition("/")[2] for name in names}
    if "data.pkl" in ends:
        if "bytecode.pkl" in ends:
            return "torch-mobile"
        return "torchscript" if "constants.pkl" in ends else "torch-zip"
    if "model.json" in ends and any(re.search(_OLD_TORCHSCRIPT, name) for name in names):
        return "torchscript-old"
    if names and all(name.endswith(".npy") for name in names):
        return _npz_container(file, names, pulse)
    return "zip-of-checkpoints" if any(map(_holds_weights, names)) else "zip"


def _holds_weights(name: str) -> bool:
    """Whether a member of an archive seems to be a checkpoint."""
    return name.rpartition(".")[2].lower() in _WEIGHT_ENDINGS or name == "_stable_baselines3_version"


def _joined_zip(file: ReadableFile, pulse: Pulse) -> str:
    """An archive with something else before it."""
    tail = file.read(max(0, file.size - HEAD_BYTES - END.size), HEAD_BYTES + END.size)
    return _zip_container(file, pulse) if END_SIGNATURE in tail else ""


def _hdf5(file: ReadableFile, name: Path) -> str:
    from inspector.artifacts.dumps.hdf5_root import root_attribute_names
    from inspector.artifacts.dumps.hdf5_superblock import signature_place

    place = signature_place(file)
    if place is None:
        return ""
    keras = name.name.endswith(_KERAS_WEIGHTS) or root_attribute_names(file, place) & _KERAS_ATTRIBUTES
    return "keras-h5" if keras else "hdf5"


def _safetensors(file: ReadableFile, head: bytes, name: Path) -> str:
    length = int.from_bytes(head[:8], "little")
    opens = head[8:9] == b"{"
    if opens and (length <= file.size - 8 or name.suffix == ".safetensors"):
        return "safetensors"
    return "safetensors" if name.suffix == ".safetensors" and _is_binary(head) else ""


def _tfevents(head: bytes, name: Path) -> str:
    """TensorBoard: a record whose first event names the version; by name where that record is damaged."""
    length = int.from_bytes(head[:8], "little")
    if length <= 64 and b"brain.Event:" in head[12 : 12 + length]:
        return "tfevents"
    return "tfevents" if "tfevents" in name.name and _is_binary(head) else ""


def _is_binary(head: bytes) -> bool:
    """Whether a length could stand at the start, rather than text."""
    return b"\0" in head[:12] or not head[:12].isascii()


def _pickle(file: ReadableFile, head: bytes, name: Path) -> str:
    if head[0] == 0x80:
        if _MAGIC_NUMBER in head[:32]:
            return "torch-legacy"
        return "pickle" if len(head) > 1 and 2 <= head[1] <= 5 else ""
    if head.startswith(_MAGIC_NUMBER_TEXT):
        return "torch-legacy"
    if head[0] not in _TEXT_PICKLE_STARTS:
        return ""
    pickled = run(Memory(head), 0, limits=ReadingLimits(opcodes=100_000, charged_bytes=16_000_000, stack=100_000))
    if not pickled.problem and (pickled.end == file.size or pickled.names):
        return "pickle"
    return "pickle" if name.suffix in _PICKLE_SUFFIXES and (pickled.names or len(head) < file.size) else ""


def _tar(file: ReadableFile, head: bytes) -> str:
    if head.startswith(GZIP_SIGNATURE):
        plain = _inflated(file)
        names = _tar_names(plain)
        if not names:
            return "gzip"
        return "tar-gz" if any(map(_holds_weights, names)) else "other tar"
    names = _tar_names(file)
    if not names:
        return ""
    if {"storages", "tensors", "sys_info"} & set(names[:_MAX_TAR_MEMBERS]):
        return "torch-tar"
    return "tar" if any(map(_holds_weights, names)) else "other tar"


def _inflated(file: ReadableFile) -> Memory:
    """The beginning of what a file packed with gzip holds."""
    unpacker = zlib.decompressobj(GZIP)
    plain = bytearray()
    place = 0
    with suppress(zlib.error):
        while len(plain) < _MAX_INFLATED_BYTES and not unpacker.eof and (packed := file.read(place, HEAD_BYTES)):
            plain += unpacker.decompress(packed, _MAX_INFLATED_BYTES - len(plain))
            place += len(packed)
    return Memory(bytes(plain))


def _tar_names(source: Source) -> list[str]:
    """The names of an archive's members, the first few thousand."""
    from inspector.artifacts.archives.tar_archive import BLOCK_BYTES, name_in, tar_members

    if not name_in(source.read(0, BLOCK_BYTES)):
        return []
    return [member.name for member in tar_members(source, Notes(), QUIET, _MAX_TAR_NAMES)]
