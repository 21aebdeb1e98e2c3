"""What validation measures: how right the rebuilt colours are, what slots take, how silent every conv layer is."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import numpy as np
import torch
from torch import Tensor, nn

from inspector.analysis.null_sparsity import NEAR_ZERO, null_sparsity, zero_epsilon
from inspector.analysis.segmentation import blocks, foreground_adjusted_rand_index
from inspector.analysis.slot_metrics import mask_metrics, vector_metrics
from inspector.analysis.sparsity import LayerStatistics, channel_statistics, combined, dead_channels, dormant_scores
from inspector.analysis.unit_limits import DORMANT_SCORE
from inspector.core.arrays import AnyArray, FloatArray, IntArray, LabelMap
from inspector.formats.recipes.arc_slots import Encoder
from inspector.training.arc_slots.data import BACKGROUND, Canvases, objects
from inspector.training.arc_slots.model import ArcSlotModel, Rebuilt


class Measures:
    """Sums over the validation batches."""

    def __init__(self, encoder: Encoder, names: tuple[str, ...]) -> None:
        self._names = names
        self._layers: dict[str, _Layer] = {name: _Layer(encoder) for name in names}
        self._cells: defaultdict[str, int] = defaultdict(int)
        self._of_grid: defaultdict[str, list[float]] = defaultdict(list)

    @contextmanager
    def tapping(self, model: ArcSlotModel, inside: AnyArray) -> Iterator[None]:
        """Take the layers' values of the one batch that runs in the block.

        Args:
            model: that it runs through.
            inside: (batch, height, width) bool, the grids' own cells.
        """
        hooks = [
            module.register_forward_hook(self._layers[name].hook(inside))
            for name, module in zip(self._names, model.encoder.activations, strict=True)
        ]
        try:
            yield
        finally:
            for hook in hooks:
                hook.remove()

    def add(self, boards: Canvases, rebuilt: Rebuilt) -> None:
        """One batch."""
        cells, inside = boards.cells, boards.inside
        answers = rebuilt.logits.argmax(1).cpu().numpy()
        right = answers == cells
        coloured = inside & (cells != BACKGROUND)
        of_cells = {
            "content": inside.sum(),
            "padded": inside.size,
            "coloured": coloured.sum(),
            "right_content": (right & inside).sum(),
            "right_padded": right.sum(),
            "right_coloured": (right & coloured).sum(),
            "background": (inside & ~coloured).sum(),
            "most_frequent": sum(np.bincount(one[where]).max() for one, where in zip(cells, inside, strict=True)),
        }
        for name, count in of_cells.items():
            self._cells[name] += int(count)
        self._of_grid["exact_match"] += (right | ~inside).all((1, 2)).astype(float).tolist()
        norms = rebuilt.read.updates.float().norm(dim=-1).mean((1, 2))
        self._of_grid["update_norm"] += norms.tolist()
        masks = rebuilt.masks.float().cpu().numpy()
        slots = rebuilt.read.slots[:, -1].float().cpu().numpy()
        for place, truth in enumerate(objects(boards)):
            found = mask_metrics(masks[place], truth, inside[place]) | vector_metrics(slots[place])
            found["colours"] = float(np.unique(cells[place][inside[place]]).size)
            found["fg_ari_colour"] = foreground_adjusted_rand_index(truth, cells[place].astype(np.int64))
            found["fg_ari_blocks"] = foreground_adjusted_rand_index(truth, _quarters(boards.shapes[place], truth.shape))
            for name in _OF_GRID.keys() & found.keys():
                self._of_grid[name].append(found[name])

    def values(self) -> dict[str, float]:
        """All metrics by their whole names."""
        content = self._cells["content"]
        found = {
            f"val/accuracy_{part}": _share(self._cells[f"right_{part}"], self._cells[part])
            for part in ("content", "coloured", "padded")
        }
        padding = self._cells["padded"] - content
        for name, right in (("all_zeros", "background"), ("most_frequent", "most_frequent")):
            found[f"baseline/accuracy_content_{name}"] = _share(self._cells[right], content)
        found["baseline/accuracy_padded_all_zeros"] = _share(self._cells["background"] + padding, content + padding)
        found |= {tag: _mean(self._of_grid[name]) for name, tag in _OF_GRID.items()}
        for name, layer in self._layers.items():
            found |= layer.values(name)
        return found


_OF_GRID = {
    "exact_match": "val/exact_match",
    "fg_ari": "val/fg_ari",
    "fg_ari_blocks": "baseline/fg_ari_blocks",
    "fg_ari_colour": "baseline/fg_ari_colour",
    "active_slots": "slots/active",
    "colours": "baseline/slots_active_colours",
    "mask_entropy": "slots/mask_entropy",
    "slot_cosine": "slots/cosine",
    "update_norm": "slots/update_norm",
}
"""Means over the grids, by what they are called."""


class _Layer:
    """What one conv layer did over the batches."""

    def __init__(self, encoder: Encoder) -> None:
        self._epsilon = zero_epsilon(encoder.activation)
        self._null = null_sparsity(encoder.activation, self._epsilon, slope=encoder.negative_slope)
        self._statistics: LayerStatistics | None = None
        self._silent, self._seen = 0, 0
        self._entropies: list[FloatArray] = []

    def hook(self, inside: AnyArray) -> Callable[[nn.Module, tuple[Tensor, ...], Tensor], None]:
        def look(_module: nn.Module, _inputs: tuple[Tensor, ...], fired: Tensor) -> None:
            values = fired.detach().float()
            near = values.abs() < self._epsilon if self._epsilon else values == 0
            self._silent += int(near.sum())
            self._seen += values.numel()
            self._entropies.append(channel_entropies(values.cpu(), torch.from_numpy(inside)).numpy())
            found = channel_statistics(values.cpu().contiguous().numpy(), (0.0, NEAR_ZERO), inside)
            self._statistics = found if self._statistics is None else combined(self._statistics, found)

        return look

    def values(self, name: str) -> dict[str, float]:
        statistics = self._statistics
        if statistics is None:
            return {}
        dead = dead_channels(statistics)
        dormant = dormant_scores(statistics) <= DORMANT_SCORE
        return {
            f"sparsity/{name}": statistics.sparsity(self._epsilon),
            f"baseline/sparsity_{name}": self._null,
            f"sparsity_padded/{name}": self._silent / self._seen,
            f"dead_channels/{name}": float(dead.mean()),
            f"dormant_channels/{name}": float((dormant & ~dead).mean()),
            f"channel_entropy/{name}": _mean(np.concatenate(self._entropies).ravel()),
        }


def channel_entropies(values: Tensor, inside: Tensor) -> Tensor:
    """How evenly each channel of each grid fires over the grid's own cells, 1 alike everywhere to 0 in one cell.

    The entropy of the map, its least value taken off and divided by its sum, over its greatest, ln of the cells. NaN
    where the map is constant, and for a grid of one cell.

    Args:
        values: (grids, channels, height, width) float32.
        inside: (grids, height, width) bool.

    Source: rule S4.10, which leaves the division out and so finds every small grid too even.
    """
    outside = ~inside.unsqueeze(1)
    least = values.masked_fill(outside, torch.inf).amin((2, 3), keepdim=True)
    shifted = (values - least).masked_fill(outside, 0.0)
    shares = shifted / shifted.sum((2, 3), keepdim=True)
    entropy = -torch.xlogy(shares, shares).sum((2, 3))
    return entropy / inside.sum((1, 2)).unsqueeze(1).log()


def _quarters(shape: IntArray, canvas: tuple[int, ...]) -> LabelMap:
    """A grid cut into 2 x 2 blocks, on its canvas."""
    labels = np.full(canvas, -1, np.int64)
    rows, columns = (int(side) for side in shape)
    labels[:rows, :columns] = blocks(rows, columns, 2, 2)
    return labels


def _share(part: int, whole: int) -> float:
    return part / whole if whole else float("nan")


def _mean(values: list[float] | FloatArray) -> float:
    """Over what is defined; NaN of nothing."""
    known = np.asarray(values, np.float64)
    known = known[np.isfinite(known)]
    return float(known.mean()) if known.size else float("nan")
