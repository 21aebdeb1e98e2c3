"""The datasets and links of an HDF5 file, found by links within the file alone.

Links to other files, virtual datasets and external storage are listed, and followed only into folders that the user
opened.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Any, NamedTuple

import msgspec

from inspector.artifacts.dumps.hdf5_elsewhere import behind_link, home_of, may_read
from inspector.artifacts.dumps.hdf5_library import FAILURES, FILTER_ADVICE, h5py, sentence_of
from inspector.artifacts.dumps.hdf5_values import attributes_of, filters_of, missing_filters, shown, type_text
from inspector.artifacts.dumps.hdf5_window import OPEN_FOLDER, outside, sources_outside
from inspector.artifacts.dumps.read_bounds import note_chunk
from inspector.core.notes import Notes
from inspector.core.pulse import Pulse
from inspector.core.units import count_text
from inspector.formats.facts import DatasetFacts, LinkFacts

MAX_LINKS = 20_000
"""Links walked in one file; a note says that there are more."""

MAX_LISTED_SOURCES = 64
"""Files and datasets listed of one dataset whose values lie elsewhere."""


class _Link(NamedTuple):
    name: bytes
    kind: int


def walk(
    path: Path, root: Any, notes: Notes, pulse: Pulse, *, follow: bool = True
) -> tuple[tuple[DatasetFacts, ...], tuple[LinkFacts, ...]]:
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
            item = _behind(path, group, link) if follow or link.kind == h5py.h5l.TYPE_HARD else None
            if item is None:
                continue
            if link.kind != h5py.h5l.TYPE_HARD:
                links[-1] = msgspec.structs.replace(links[-1], followed=True)
            known = seen.setdefault(_address(item), where)
            if known != where:
                links.append(LinkFacts(path=where, kind="hard", target=f"/{known}"))
            elif isinstance(item, h5py.h5g.GroupID):
                stack.append((item, where, iter(_links(item, where, notes))))
            elif isinstance(item, h5py.h5d.DatasetID):
                datasets.append(_dataset_facts(path, h5py.Dataset(item), where, notes, generous=pulse.generous))
                links += _sources(path, h5py.Dataset(item), where)
        except FAILURES as error:
            notes.add(f"{where} cannot be read ({shown(sentence_of(error))})")
    return tuple(datasets), _judged(links, {*seen.values(), ""})


def _behind(path: Path, group: Any, link: _Link) -> Any:
    """What a link leads to; None where it is not followed."""
    if link.kind == h5py.h5l.TYPE_HARD:
        return h5py.h5o.open(group, link.name)
    if link.kind != h5py.h5l.TYPE_EXTERNAL:
        return None
    return behind_link(home_of(path, group), *group.links.get_val(link.name))


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

    return tuple(msgspec.structs.replace(link, kind=kind_of(link)) for link in links)


def _sources(path: Path, dataset: Any, where: str) -> list[LinkFacts]:
    """Where else the values of a dataset lie, each place once, the first MAX_LISTED_SOURCES."""
    found = dict.fromkeys(islice(sources_outside(dataset.id.get_create_plist()), MAX_LISTED_SOURCES + 1))
    followed = bool(found) and may_read(path, dataset)
    sources = [LinkFacts(path=where, kind=kind, target=target, followed=followed) for kind, target in found]
    if len(sources) > MAX_LISTED_SOURCES:
        sources[-1] = LinkFacts(path=where, kind=sources[-1].kind, target="…", followed=followed)
    return sources


def _dataset_facts(path: Path, dataset: Any, where: str, notes: Notes, *, generous: bool) -> DatasetFacts:
    kind = dataset.id.get_type()
    creation = dataset.id.get_create_plist()
    shape = dataset.shape
    filters = filters_of(creation)
    text = type_text(kind)
    elsewhere = outside(creation)
    if elsewhere and not may_read(path, dataset):
        notes.add(f"{where} is not read: {elsewhere}; {OPEN_FOLDER}")
    missing = missing_filters(filters)
    if missing:
        notes.add(f"{where} needs {' and '.join(missing)}; {FILTER_ADVICE}")
    declared = math.prod(shape) * kind.get_size() if shape is not None else 0
    chunks = dataset.chunks
    if chunks:
        note_chunk(notes, where, math.prod(chunks) * kind.get_size(), generous=generous)
    return DatasetFacts(
        path=where,
        shape=shape if shape is not None else (),
        dtype=text if shape is not None else f"empty {text}",
        bytes=declared,
        chunks=chunks,
        filters=tuple(name for _code, name in filters),
        attributes=attributes_of(dataset, where, notes),
    )
