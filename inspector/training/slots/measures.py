"""What validation measures: segmentation scores, how apart slots are, how silent every conv layer is."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
import torch
from torch import Tensor, nn

from inspector.analysis.null_sparsity import null_sparsity, zero_epsilon
from inspector.analysis.slots import ACTIVE_AREA
from inspector.formats.recipes.slots import Encoder
from inspector.training.slots.baselines import Baselines, Scores, mean_scores, rand_indices, truth_of
from inspector.training.slots.model import Painted, SlotModel
from inspector.training.slots.penalties import effective_ranks, pair_cosines
from inspector.training.slots.scenes import Scene


class Measures:
    """Sums over the validation batches."""

    def __init__(self, model: SlotModel, encoder: Encoder) -> None:
        self._epsilon = zero_epsilon(encoder.activation)
        self._null = null_sparsity(encoder.activation, self._epsilon, slope=encoder.negative_slope)
        self._names = model.encoder.layer_names
        self._hooks = [
            layer.register_forward_hook(self._hook(place)) for place, layer in enumerate(model.encoder.convs)
        ]
        self._silent = [0.0] * len(self._names)
        self._seen = [0] * len(self._names)
        self._strongest: list[Tensor | None] = [None] * len(self._names)
        self._squares = 0.0
        self._pixels = 0
        self._scenes: list[Scene] = []
        self._decoder: Scores = []
        self._attention: Scores = []
        self._slots: list[Tensor] = []
        self._per_image: dict[str, list[Tensor]] = {name: [] for name in ("mask_entropy", "active", "effective_rank")}
        self._axis_error = 0.0

    def close(self) -> None:
        """Stop looking at the layers."""
        for hook in self._hooks:
            hook.remove()

    def _hook(self, place: int) -> Callable[[nn.Module, tuple[Tensor, ...], Tensor], None]:
        def look(_module: nn.Module, _inputs: tuple[Tensor, ...], fired: Tensor) -> None:
            magnitude = fired.detach().abs()
            near = magnitude < self._epsilon if self._epsilon else magnitude == 0
            self._silent[place] += float(near.sum())
            self._seen[place] += magnitude.numel()
            strongest = magnitude.amax((0, 2, 3))
            before = self._strongest[place]
            self._strongest[place] = strongest if before is None else torch.maximum(before, strongest)

        return look

    def add(self, scenes: Sequence[Scene], pictures: Tensor, painted: Painted) -> None:
        """One batch.

        Args:
            scenes: as they were drawn or read.
            pictures: (batch, 3, height, width) of them in -1..1.
            painted: what the model makes of those.
        """
        self._squares += float(((painted.image - pictures) ** 2).mean()) * pictures.numel()
        self._pixels += pictures.numel()
        masks, attention = painted.masks.float(), painted.attention[:, -1].float()
        slots = masks.shape[1]
        winners = masks.argmax(1)
        attended = _enlarged(attention, masks.shape[-1]).argmax(1).cpu().numpy()
        for scene, won, seen in zip(scenes, winners.cpu().numpy(), attended, strict=True):
            truth = truth_of(scene)
            self._decoder.append(rand_indices(truth, won))
            self._attention.append(rand_indices(truth, seen))
        self._scenes += scenes
        entropy = -(masks * masks.clamp(min=1e-12).log()).sum(1).mean((1, 2)) / np.log(slots)
        areas = nn.functional.one_hot(winners.flatten(1), slots).float().mean(1)
        last = painted.slots[:, -1].float()
        self._slots.append(last.cpu())
        self._per_image["mask_entropy"].append(entropy.cpu())
        self._per_image["active"].append((areas > ACTIVE_AREA).float().sum(1).cpu())
        self._per_image["effective_rank"].append(effective_ranks(last).cpu())
        self._axis_error = max(self._axis_error, float((attention.sum(1) - 1.0).abs().max()))

    def values(self, baselines: Baselines) -> dict[str, float]:
        """All metrics by name, those of the baselines among them."""
        found = {"val/loss": self._squares / self._pixels}
        of_decoder = mean_scores(self._decoder, baselines.same_colour)
        of_attention = mean_scores(self._attention, baselines.same_colour)
        found |= {f"val/{name}": value for name, value in of_decoder.items()}
        found |= {f"val/{name}_attention": value for name, value in of_attention.items()}
        found |= baselines.values()
        slots = torch.cat(self._slots)
        found["slots/cosine"] = float(pair_cosines(slots).mean())
        found["slots/cosine_centred"] = float(pair_cosines(slots - slots.mean((0, 1))).mean())
        found |= {f"slots/{name}": float(torch.cat(parts).mean()) for name, parts in self._per_image.items()}
        found["slots/attention_axis_error"] = self._axis_error
        for name, silent, seen, strongest in zip(self._names, self._silent, self._seen, self._strongest, strict=True):
            if strongest is not None:
                found[f"sparsity/{name}"] = silent / seen
                found[f"baseline/sparsity_{name}"] = self._null
                found[f"dead_channels/{name}"] = float((strongest == 0).float().mean())
        return found


def _enlarged(attention: Tensor, side: int) -> Tensor:
    """Attention (batch, slots, positions) as soft masks (batch, slots, side, side): first larger, then compared."""
    grid = round(attention.shape[-1] ** 0.5)
    maps = attention.reshape(*attention.shape[:2], grid, grid)
    return nn.functional.interpolate(maps, size=(side, side), mode="bilinear", align_corners=False)
