"""From what was caught of a batch to the rows and statistics of a dump."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from torch import nn

from inspector.analysis.sparsity import LayerStatistics, channel_statistics, combined
from inspector.analysis.statistics_columns import columns_of_statistics
from inspector.analysis.valid_cells import valid_cells
from inspector.core.arrays import AnyArray
from inspector.core.errors import UsageError
from inspector.formats import dump
from inspector.training.dump_writer import DumpWriter
from inspector.training.given_values import CONFIDENCE, GIVEN, POINTS, arrived, laid_out
from inspector.training.layer_facts import layer_attributes, usual_layout
from inspector.training.taps import Copied, Tap, every_call, last_call, rows_of

ATTENTIONS = "attention"
"""The group of what modules attend to, each under the module's name."""

_LARGEST_HALF = float(np.finfo(np.float16).max)
_POINT_ATTRIBUTES = {"columns": "x,y"}


@dataclass(frozen=True, slots=True)
class Tapped:
    """One module that is looked at, and how."""

    module: nn.Module
    tap: Tap


@dataclass(frozen=True, slots=True)
class Batch:
    """What was caught and handed over of some samples.

    Attributes:
        count: samples.
        layers, attention: by the module's name, the calls on each device.
        given: arrays and copies of tensors by name, points as a list of arrays.
    """

    count: int
    layers: dict[str, list[list[Copied]]]
    attention: dict[str, list[list[Copied]]]
    given: dict[str, Any]


class RecordedBatches:
    """Writes batches one after another.

    Args:
        writer: of the dump.
        layers, attention: the modules that are looked at, by name.
        values: how what is handed over is told of.
        keep_samples: how many of the first are kept whole, None for all; statistics are of all.
        half: whether maps are kept in half precision.
    """

    def __init__(
        self,
        writer: DumpWriter,
        layers: Mapping[str, Tapped],
        attention: Mapping[str, Tapped],
        *,
        values: Mapping[str, Tap],
        keep_samples: int | None,
        half: bool,
    ) -> None:
        self._writer = writer
        self._layers, self._attention, self._values = layers, attention, values
        self._keep, self._half = keep_samples, half
        self._statistics: dict[str, LayerStatistics] = {}
        self._points = dict.fromkeys(POINTS, 0)
        self._overflowed: dict[str, int] = {}
        self._written: set[str] = set()
        self.refused: dict[str, str] = {}
        self.samples = 0

    def write(self, batch: Batch) -> None:
        """Write one batch.

        Raises:
            OSError: the disk is full.
            UsageError: something does not fit the batches before.
        """
        kept = batch.count if self._keep is None else max(0, min(batch.count, self._keep - self.samples))
        if kept and "index" not in batch.given:
            self._append(dump.SAMPLE_INDEX, np.arange(self.samples, self.samples + kept, dtype=np.int64), "N")
        given = {name: arrived(value) for name, value in batch.given.items()}
        for name, value in given.items() if kept else ():
            self._write_given(name, value, kept)
        content = self._content(given)
        for name, tapped in self._layers.items():
            self._write_layer(name, tapped, batch, kept, content)
        for name, tapped in self._attention.items() if kept else ():
            self._write_attention(name, tapped, batch, kept)
        self.samples += batch.count

    def finish(self) -> None:
        """Write the statistics and what was left out."""
        for name, statistics in self._statistics.items():
            group = f"{dump.STATISTICS}/{name}"
            columns = columns_of_statistics(statistics)
            columns["active_any"] = (np.nan_to_num(statistics.absmax) > 0).astype(np.uint8)
            for column, values in columns.items():
                attributes = {"eps": statistics.epsilons} if values.shape == statistics.near_zero.shape else {}
                layout = "C" if values.shape == statistics.mean.shape else ""
                self._writer.put(f"{group}/{column}", values, layout, attributes)
            self._writer.set_attributes(group, {"samples": statistics.samples})
        notes = list(self.refused.values())
        for path, count in self._overflowed.items():
            self._writer.set_attributes(path, {"n_overflowed": count})
            notes.append(f"{count:,} values of {path} are too large for half precision and became infinite")
        kept = self.samples if self._keep is None else min(self.samples, self._keep)
        self._writer.set_attributes("/", {"n_samples": kept, **({"notes": notes} if notes else {})})

    def _write_given(self, name: str, value: Any, kept: int) -> None:
        if name in POINTS:
            self._write_points(name, value[:kept])
            return
        if name == CONFIDENCE:
            self._append(dump.CONFIDENCE, np.concatenate(value[:kept]))
            return
        tap = self._values.get(name, Tap())
        if value.dtype.kind == "U":
            self._writer.append_texts(f"samples/{name}", [str(text) for text in value[:kept]])
            return
        rows, layout = laid_out(name, value[:kept], tap.layout)
        given = GIVEN.get(name)
        path = given.path if given else f"samples/{tap.name or name}"
        if name == "slots" and "I" in layout:
            self._append("slots/slots_iter", rows, layout, tap.attributes, is_map=True)
            rows, layout = rows.take(-1, axis=layout.index("I")), layout.replace("I", "")
        self._append(path, rows, layout, tap.attributes, is_map=given is not None and given.is_map)

    def _write_points(self, name: str, rows: list[AnyArray]) -> None:
        path, offsets_path = POINTS[name]
        total = self._points[name]
        offsets = total + np.cumsum([len(one) for one in rows], dtype=np.int64)
        if offsets_path not in self._written:
            offsets = np.concatenate([[0], offsets]).astype(np.int64)
        self._append(path, np.concatenate(rows), "", {**_POINT_ATTRIBUTES, **self._values.get(name, Tap()).attributes})
        self._append(offsets_path, offsets)
        self._points[name] = int(offsets[-1])

    def _write_layer(
        self, name: str, tapped: Tapped, batch: Batch, kept: int, content: tuple[AnyArray, tuple[int, int]] | None
    ) -> None:
        path = f"{dump.ACTIVATIONS}/{tapped.tap.name or name}"
        caught = self._caught(name, path, batch.layers, batch.count)
        if caught is None:
            return
        values = last_call(caught)
        layout = tapped.tap.layout or usual_layout(tapped.module, values.ndim)
        if len(layout) != values.ndim or "C" not in layout:
            self.refused[name] = f"{name} gave values of {values.ndim} axes; state their layout with a Tap"
            return
        self._count(tapped.tap.name or name, values, layout, content)
        if kept:
            calls = len(caught[0])
            several = {"calls": calls} if calls > 1 else {}
            attributes = {**layer_attributes(tapped.module), **several, **tapped.tap.attributes}
            self._append(path, values[:kept], layout, attributes, is_map=True)

    def _count(
        self, name: str, values: AnyArray, layout: str, content: tuple[AnyArray, tuple[int, int]] | None
    ) -> None:
        valid = None
        if content is not None and layout == "NCHW":
            valid = valid_cells(*content, values.shape[2:])
        found = channel_statistics(np.moveaxis(values, layout.index("C"), 1), valid=valid)
        before = self._statistics.get(name)
        self._statistics[name] = found if before is None else combined(before, found)

    def _write_attention(self, name: str, tapped: Tapped, batch: Batch, kept: int) -> None:
        path = f"{ATTENTIONS}/{tapped.tap.name or name}"
        caught = self._caught(name, path, batch.attention, batch.count)
        if caught is None:
            return
        by_itself = isinstance(tapped.module, nn.MultiheadAttention) and tapped.tap.pick is None
        several = len(caught[0]) > 1
        values = every_call(caught) if several else last_call(caught)
        layout = tapped.tap.layout or ("NAQP" if by_itself else "")
        if layout and several and "I" not in layout:
            layout = f"NI{layout[1:]}"
        rows, layout = laid_out("attention", values[:kept], layout)
        heads = {"heads": values.shape[layout.index("A")]} if "A" in layout else {}
        attributes = {"module_type": type(tapped.module).__name__, "kind": "encoder_attention", **heads}
        self._append(path, rows, layout, {**attributes, **tapped.tap.attributes}, is_map=True)

    def _caught(
        self, name: str, path: str, found: Mapping[str, list[list[Copied]]], count: int
    ) -> list[list[Copied]] | None:
        """What a module gave, None where that belongs to no samples; then it must never have."""
        devices = found.get(name)
        if devices is not None and rows_of(devices) == count and name not in self.refused:
            return devices
        if devices is None:
            why = f"{name} did not run"
        else:
            why = f"{name} gave {rows_of(devices):,} rows for {count:,} samples"
        if path in self._written:
            raise UsageError(f"{why}, and did so for the batches before; a dump needs it for every sample")
        self.refused.setdefault(name, why)
        return None

    def _append(
        self, path: str, rows: AnyArray, layout: str = "", attributes: Mapping[str, Any] | None = None,
        *, is_map: bool = False,
    ) -> None:  # fmt: skip
        if is_map and self._half and rows.dtype.kind == "f" and rows.dtype.itemsize > 2:
            too_large = int(np.count_nonzero(np.isfinite(rows) & (np.abs(rows) > _LARGEST_HALF)))
            if too_large:
                self._overflowed[path] = self._overflowed.get(path, 0) + too_large
            # As numpy's own rounding, in a seventh of its time.
            rows = torch.from_numpy(np.ascontiguousarray(rows)).half().numpy()
        self._writer.append(path, rows, layout, attributes)
        self._written.add(path)

    def _content(self, given: Mapping[str, Any]) -> tuple[AnyArray, tuple[int, int]] | None:
        """Sizes of the content of padded samples, and of the samples; None where they are not told."""
        sizes, images = given.get("valid_hw"), given.get("image")
        if sizes is None or images is None:
            return None
        images, layout = laid_out("image", images[:1], self._values.get("image", Tap()).layout)
        return sizes, (images.shape[layout.index("H")], images.shape[layout.index("W")])
