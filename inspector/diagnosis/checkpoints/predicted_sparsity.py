"""How silent the channels behind a batch normalisation are, from its affine parameters alone.

After normalisation a channel is about normal with the shift beta as its mean and the scale |gamma| as its standard
deviation, so a share Phi(-beta / |gamma|) of it lies below zero and a ReLU sets it to 0. A channel that hardly varies
before the normalisation is scaled by gamma sqrt(v / (v + eps)), v its running variance.

An estimate: activations are only about normal, and what follows the normalisation is not in the file.

Source: Ioffe and Szegedy 2015, equations of the transform; eps 1e-5 is torch's default.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np

from inspector.analysis.dead_outputs import usual_norm
from inspector.analysis.normal_share import share_below_zero
from inspector.analysis.optimizer_names import section_and_short
from inspector.analysis.silence_causes import DEAD_SCALE
from inspector.artifacts.checkpoints.checkpoint import Checkpoint
from inspector.artifacts.tensors.elements import load
from inspector.core.arrays import FloatArray
from inspector.core.errors import FileError
from inspector.core.pulse import Pulse
from inspector.diagnosis.checkpoint_values import PredictedSparsity
from inspector.diagnosis.thresholds import DEFAULTS, Thresholds

EPSILON = 1e-5
"""torch's default of what is added to the variance."""

_PARTS = ("weight", "bias", "running_mean", "running_var")


class _Normalisation(NamedTuple):
    """A batch normalisation's tensors, each (channels,) float64; `path` in the checkpoint."""

    path: str
    scale: FloatArray
    shift: FloatArray
    variance: FloatArray


def predicted_sparsity(
    checkpoint: Checkpoint, pulse: Pulse, limits: Thresholds = DEFAULTS
) -> tuple[PredictedSparsity, ...]:
    """Every batch normalisation with scale and shift, in the order of the file; empty where there is none."""
    return tuple(_predicted(checkpoint, one, limits) for one in _normalisations(checkpoint, pulse))


def normalisation_paths(checkpoint: Checkpoint) -> list[str]:
    """Paths of the batch normalisations among the weights, without averaged copies of them."""
    roles = {tensor.name: tensor for tensor in checkpoint.facts.tensors if tensor.role in ("weight", "buffer")}
    found = []
    for name, tensor in roles.items():
        path, _, last = name.rpartition(".")
        if last != "weight" or len(tensor.shape) != 1:
            continue
        parts = [roles.get(f"{path}.{part}" if path else part) for part in _PARTS]
        if all(part is not None and part.shape == tensor.shape for part in parts):
            found.append(path)
    return found


def _normalisations(checkpoint: Checkpoint, pulse: Pulse) -> Iterator[_Normalisation]:
    paths = normalisation_paths(checkpoint)
    for done, path in enumerate(paths):
        pulse.beat(done, len(paths), "reading normalisations")
        try:
            scale, shift, _, variance = (
                np.asarray(load(checkpoint.window(f"{path}.{part}" if path else part)), np.float64) for part in _PARTS
            )
        except (FileError, TypeError):
            continue
        if scale.size:
            yield _Normalisation(path, scale, shift, variance)


def _predicted(checkpoint: Checkpoint, one: _Normalisation, limits: Thresholds) -> PredictedSparsity:
    with np.errstate(all="ignore"):
        spread = np.abs(one.scale) * np.sqrt(np.maximum(one.variance, 0.0) / (np.maximum(one.variance, 0.0) + EPSILON))
        usual = usual_norm(one.variance)
        unmoved = one.variance <= limits.constant_variance * usual
        tiny = np.abs(one.scale) < DEAD_SCALE
    silent = share_below_zero(one.shift, spread)
    known = silent[np.isfinite(silent)]
    return PredictedSparsity(
        layer=section_and_short(one.path, checkpoint.facts.tensors)[1],
        path=one.path,
        silent=silent,
        mean=float(known.mean()) if known.size else float("nan"),
        dead=tuple(np.flatnonzero(tiny & (one.shift < 0)).tolist()),
        unmoved=tuple(np.flatnonzero(unmoved).tolist()),
        constant=tuple(np.flatnonzero(unmoved | tiny).tolist()),
    )
