"""What validation measures: segmentation scores, how apart slots are, how silent every conv layer is."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import torch
from torch import Tensor, nn

from inspector.analysis.segmentation import adjusted_rand_index, foreground_adjusted_rand_index
from inspector.training.slots.model import Painted, SlotModel
from inspector.training.slots.scenes import Scene

ACTIVE_AREA = 0.01
"""A slot is active on an image when it wins more than this share of the pixels."""

NEAR_ZERO = 1e-6
"""|a| below this counts as silent."""


def pair_cosines(slots: Tensor) -> Tensor:
    """Cosine of every ordered pair of different slots of an image, (batch, slots * (slots - 1))."""
    unit = nn.functional.normalize(slots, dim=-1)
    cosines = unit @ unit.transpose(1, 2)
    return cosines[:, ~torch.eye(slots.shape[1], dtype=torch.bool, device=slots.device)]


class Measures:
    """Sums over the validation batches."""

    def __init__(self, model: SlotModel) -> None:
        self._names = model.encoder.layer_names
        self._hooks = [
            layer.register_forward_hook(self._hook(place)) for place, layer in enumerate(model.encoder.convs)
        ]
        self._silent = [0.0] * len(self._names)
        self._seen = [0] * len(self._names)
        self._strongest: list[Tensor | None] = [None] * len(self._names)
        self._squares = 0.0
        self._pixels = 0
        self._scores: dict[str, list[float]] = {name: [] for name in ("fg_ari", "ari", "fg_ari_attention")}
        self._per_image: dict[str, list[Tensor]] = {name: [] for name in ("cosine", "mask_entropy", "active")}

    def close(self) -> None:
        """Stop looking at the layers."""
        for hook in self._hooks:
            hook.remove()

    def _hook(self, place: int) -> Callable[[nn.Module, tuple[Tensor, ...], Tensor], None]:
        def look(_module: nn.Module, _inputs: tuple[Tensor, ...], fired: Tensor) -> None:
            magnitude = fired.detach().abs()
            self._silent[place] += float((magnitude < NEAR_ZERO).sum())
            self._seen[place] += magnitude.numel()
            strongest = magnitude.amax((0, 2, 3))
            before = self._strongest[place]
            self._strongest[place] = strongest if before is None else torch.maximum(before, strongest)

        return look

    def add(self, scenes: list[Scene], pictures: Tensor, painted: Painted) -> None:
        """One batch."""
        self._squares += float(((painted.image - pictures) ** 2).mean()) * pictures.numel()
        self._pixels += pictures.numel()
        masks = painted.masks
        slots = masks.shape[1]
        winners = masks.argmax(1)
        attended = _enlarged(painted.attention[:, -1], masks.shape[-1]).argmax(1).cpu().numpy()
        for scene, won, attention in zip(scenes, winners.cpu().numpy(), attended, strict=True):
            truth = scene.labels.astype(np.int64)
            self._scores["fg_ari"].append(foreground_adjusted_rand_index(truth, won))
            self._scores["ari"].append(adjusted_rand_index(truth, won))
            self._scores["fg_ari_attention"].append(foreground_adjusted_rand_index(truth, attention))
        entropy = -(masks * masks.clamp(min=1e-12).log()).sum(1).mean((1, 2)) / np.log(slots)
        areas = nn.functional.one_hot(winners.flatten(1), slots).float().mean(1)
        self._per_image["cosine"].append(pair_cosines(painted.slots[:, -1]).mean(1).cpu())
        self._per_image["mask_entropy"].append(entropy.cpu())
        self._per_image["active"].append((areas > ACTIVE_AREA).float().sum(1).cpu())

    def values(self) -> dict[str, float]:
        """All metrics by name."""
        found = {"val/loss": self._squares / self._pixels}
        found |= {f"val/{name}": float(np.mean(scores)) for name, scores in self._scores.items()}
        found |= {f"slots/{name}": float(torch.cat(parts).mean()) for name, parts in self._per_image.items()}
        for name, silent, seen, strongest in zip(self._names, self._silent, self._seen, self._strongest, strict=True):
            if strongest is not None:
                found[f"sparsity/{name}"] = silent / seen
                found[f"dead_channels/{name}"] = float((strongest == 0).float().mean())
        return found


def _enlarged(attention: Tensor, side: int) -> Tensor:
    """Attention (batch, slots, positions) as soft masks (batch, slots, side, side): first larger, then compared."""
    grid = round(attention.shape[-1] ** 0.5)
    maps = attention.reshape(*attention.shape[:2], grid, grid)
    return nn.functional.interpolate(maps, size=(side, side), mode="bilinear", align_corners=False)
