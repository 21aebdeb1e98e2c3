"""HDF5 files: what they hold, found by links within the file alone.

Links to other files, virtual datasets and external storage are listed and never followed.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import islice
from pathlib import Path
from typing import Any, NamedTuple

from inspector.artifacts.byte_file import ByteFile
from inspector.artifacts.dumps import roles
from inspector.artifacts.dumps.hdf5_library import FAILURES, FILTER_ADVICE, h5py, sentence_of
from inspector.artifacts.dumps.hdf5_superblock import mended, superblock_offset
from inspector.artifacts.dumps.hdf5_values import attributes_of, filters_of, missing_filters, shown, type_text
from inspector.artifacts.dumps.hdf5_window import MAX_BYTES, open_dataset, outside, read, sources_outside, touched_bytes
from inspector.artifacts.dumps.shown_file import ShownFile
from inspector.artifacts.identity import identity_of
from inspector.artifacts.reading_limits import READ_ON
from inspector.core.arrays import AnyArray
from inspector.core.errors import DamagedError, FileError
from inspector.core.notes import Notes
from inspector.core.pulse import Pulse
from inspector.core.units import bytes_text, count_text
from inspector.formats.facts import DatasetFacts, DumpFacts, LinkFacts
from inspector.formats.samples import samples_of

MAX_LINKS = 20_000
"""Links walked in one file; a note says that there are more."""

MAX_SOURCES = 64
"""Files and datasets listed of one dataset whose values lie elsewhere."""

PROBE_BYTES = 8 * 10**6
"""The most that is read of a dataset to find out which of its axes is which."""

_LEFT_OPEN = "already open for"
_TRUNCATED = re.compile(r"truncated file: eof = (\d+).*stored_eof = (\d+)")


class Opened(NamedTuple):
    """An open `h5py.File`, and what was the matter with it."""

    file: Any
    notes: tuple[str, ...]


def open_file(path: Path) -> Opened:
    """A file open for reading, without a lock that would stop its writer, beside a writer that still has it open.

    One that breaks off, or that its writer left open, is read through a file object that shows its superblock mended;
    a note says so. The file stays as it is.

    Raises:
        UnknownKindError: it is no HDF5 file.
        DamagedError: it cannot be opened.
        MissingError: it is not there, or may not be read.
    """
    base = superblock_offset(path)
    try:
        return Opened(h5py.File(path, "r", locking=False), ())
    except FAILURES as error:
        if _LEFT_OPEN in str(error):
            return _beside_its_writer(path) or _mended(path, base, error)
        if _TRUNCATED.search(str(error)):
            return _mended(path, base, error)
        raise _refused(path, error) from error


def _beside_its_writer(path: Path) -> Opened | None:
    """The file as one that another program may be writing to, where that one keeps it readable."""
    try:
        return Opened(h5py.File(path, "r", libver="latest", swmr=True, locking=False), (_BEING_WRITTEN,))
    except FAILURES:
        return None


_BEING_WRITTEN = "its writer has it open, or did not close it: what it has written out is shown"


def _mended(path: Path, base: int, error: BaseException) -> Opened:
    file = ByteFile(path)
    how = mended(file, base)
    shown_file = ShownFile(file, how.patches if how else (), file.close)
    if how is not None:
        try:
            return Opened(h5py.File(shown_file, "r"), how.notes)
        except FAILURES as still:
            error = still
    shown_file.close()
    raise _refused(path, error, how.notes if how else ()) from error


def _refused(path: Path, error: BaseException, notes: tuple[str, ...] = ()) -> DamagedError:
    found = "; ".join((*notes, shown(sentence_of(error))))
    return DamagedError(path, "an HDF5 file that opens", found, "copy it again from its source")


@contextmanager
def opened(path: Path) -> Iterator[Opened]:
    """An open file for the length of a block; raises as `open_file`."""
    found = open_file(path)
    try:
        yield found
    finally:
        close(found.file)


def close(file: Any) -> None:
    """Let go of a file; a damaged one may fail at that, and is gone all the same."""
    try:
        file.close()
    except FAILURES:
        return


def facts(path: Path, pulse: Pulse) -> DumpFacts:
    """What an HDF5 file holds: datasets with their guessed roles, links, attributes, and notes on what is damaged.

    Raises:
        FileError: it cannot be opened at all.
    """
    with opened(path) as found:
        return facts_of(path, found, pulse)


def facts_of(path: Path, found: Opened, pulse: Pulse) -> DumpFacts:
    """As `facts`, of a file that is open."""
    file = found.file
    notes = Notes()
    for note in found.notes:
        notes.add(note)
    try:
        root = h5py.h5g.open(file.id, b"/")
        datasets, links = walk(root, notes, pulse)
    except FAILURES as error:
        raise _refused(path, error, found.notes) from error
    attributes = attributes_of(file, "the file", notes)

    def probe(dataset: DatasetFacts, rows: int) -> AnyArray | None:
        return _first_rows(path, file, dataset, rows)

    guessed = roles.with_roles(datasets, attributes, probe, pulse)
    samples, doubt = samples_of(guessed, attributes)
    for note in (*roles.format_notes(attributes), doubt):
        if note:
            notes.add(note)
    return DumpFacts(
        bytes=identity_of(path).bytes,
        datasets=guessed,
        links=links,
        attributes=attributes,
        samples=samples,
        notes=notes.texts(),
        limited=notes.limited,
    )


def _first_rows(path: Path, file: Any, dataset: DatasetFacts, rows: int) -> AnyArray | None:
    """The first entries along the first axis, None where they are large or cannot be read."""
    if not dataset.shape or 0 in dataset.shape:
        return None
    part = (slice(0, rows), *(slice(0, length) for length in dataset.shape[1:]))
    item_bytes = dataset.bytes // math.prod(dataset.shape)
    if touched_bytes(dataset.shape, dataset.chunks, part, item_bytes) > PROBE_BYTES:
        return None
    try:
        return read(path, open_dataset(path, file, dataset.path), part)
    except FileError:
        return None


class _Link(NamedTuple):
    name: bytes
    kind: int


def walk(root: Any, notes: Notes, pulse: Pulse) -> tuple[tuple[DatasetFacts, ...], tuple[LinkFacts, ...]]:
    """Every dataset once and every link that is no plain entry, depth first, groups in the order of their links."""
    datasets: list[DatasetFacts] = []
    links: list[LinkFacts] = []
    seen: dict[tuple[int, int], str] = {_address(root): ""}
    walked = 0
    # (group, its path, its links that are still to come); the deepest last.
    stack: list[tuple[Any, str, Iterator[_Link]]] = [(root, "", iter(_links(root, "the root", notes)))]
    while stack:
        group, above, rest = stack[-1]
        link = next(rest, None)
        if link is None:
            stack.pop()
            continue
        walked += 1
        pulse.beat(walked, what="links")
        if walked > MAX_LINKS:
            notes.add(f"only the first {count_text(MAX_LINKS)} entries are listed")
            break
        where = f"{above}/{shown(link.name)}" if above else shown(link.name)
        try:
            if link.kind != h5py.h5l.TYPE_HARD:
                links.append(_link_facts(group, link, where))
                continue
            item = h5py.h5o.open(group, link.name)
            known = seen.setdefault(_address(item), where)
            if known != where:
                links.append(LinkFacts(path=where, kind="hard", target=f"/{known}"))
            elif isinstance(item, h5py.h5g.GroupID):
                stack.append((item, where, iter(_links(item, where, notes))))
            elif isinstance(item, h5py.h5d.DatasetID):
                datasets.append(_dataset_facts(h5py.Dataset(item), where, notes))
                links += _sources(item.get_create_plist(), where)
        except FAILURES as error:
            notes.add(f"{where} cannot be read ({shown(sentence_of(error))})")
    return tuple(datasets), _judged(links, {*seen.values(), ""})


def _address(item: Any) -> tuple[int, int]:
    info = h5py.h5o.get_info(item)
    return info.fileno, info.addr


def _links(group: Any, where: str, notes: Notes) -> list[_Link]:
    """The links of one group, in the order they were made where the file keeps it, else by name."""
    found: list[_Link] = []

    def take(name: bytes, info: Any) -> bool | None:
        found.append(_Link(name, info.type))
        return True if len(found) > MAX_LINKS else None  # anything but None ends the listing

    try:
        tracked = group.get_create_plist().get_link_creation_order() & h5py.h5p.CRT_ORDER_INDEXED
        index = h5py.h5.INDEX_CRT_ORDER if tracked else h5py.h5.INDEX_NAME
        group.links.iterate(take, info=True, idx_type=index)
    except FAILURES as error:
        notes.add(f"{where}: its entries cannot all be listed ({shown(sentence_of(error))})")
    return found


def _link_facts(group: Any, link: _Link, where: str) -> LinkFacts:
    if link.kind == h5py.h5l.TYPE_SOFT:
        return LinkFacts(path=where, kind="soft", target=shown(group.links.get_val(link.name)))
    if link.kind == h5py.h5l.TYPE_EXTERNAL:
        file, target = group.links.get_val(link.name)
        return LinkFacts(path=where, kind="external", target=f"{shown(file)}:{shown(target)}")
    return LinkFacts(path=where, kind="user-defined", target="")


def _judged(links: list[LinkFacts], known: set[str]) -> tuple[LinkFacts, ...]:
    """The links, soft ones that lead to nothing in this file called dangling; no link is followed to find out."""
    behind = {link.path for link in links}

    def kind_of(link: LinkFacts) -> str:
        base = "" if link.target.startswith("/") else link.path.rpartition("/")[0]
        parts = [part for part in f"{base}/{link.target}".split("/") if part not in ("", ".")]
        ways = {"/".join(parts[:depth]) for depth in range(len(parts) + 1)}
        return link.kind if link.kind != "soft" or "/".join(parts) in known or ways & behind else "dangling"

    return tuple(LinkFacts(path=link.path, kind=kind_of(link), target=link.target) for link in links)


def _sources(creation: Any, where: str) -> list[LinkFacts]:
    """Where else the values of a dataset lie, each place once, the first MAX_SOURCES."""
    found = dict.fromkeys(islice(sources_outside(creation), MAX_SOURCES + 1))
    sources = [LinkFacts(path=where, kind=kind, target=target) for kind, target in found]
    if len(sources) > MAX_SOURCES:
        sources[-1] = LinkFacts(path=where, kind=sources[-1].kind, target="…")
    return sources


def _dataset_facts(dataset: Any, where: str, notes: Notes) -> DatasetFacts:
    kind = dataset.id.get_type()
    creation = dataset.id.get_create_plist()
    shape = dataset.shape
    filters = filters_of(creation)
    text = type_text(kind)
    elsewhere = outside(creation)
    if elsewhere:
        notes.add(f"{where} is not read: {elsewhere}")
    missing = missing_filters(filters)
    if missing:
        notes.add(f"{where} needs {' and '.join(missing)}; {FILTER_ADVICE}")
    declared = math.prod(shape) * kind.get_size() if shape is not None else 0
    chunks = dataset.chunks
    if chunks and math.prod(chunks) * kind.get_size() > MAX_BYTES:
        notes.limit(f"a chunk of {where} decodes to {bytes_text(math.prod(chunks) * kind.get_size())}; {READ_ON}")
    return DatasetFacts(
        path=where,
        shape=shape if shape is not None else (),
        dtype=text if shape is not None else f"empty {text}",
        bytes=declared,
        chunks=chunks,
        filters=tuple(name for _code, name in filters),
        attributes=attributes_of(dataset, where, notes),
    )
