"""How a layer's features differ from place to place on one sample."""

from __future__ import annotations

import numpy as np

from inspector.analysis.ratio import ratio
from inspector.core.arrays import AnyArray, FloatArray


def spatial_diversity(features: AnyArray) -> float:
    """1 less the mean cosine between the features of two different places: 0 where all are of one direction.

    NaN with fewer than two places that have a direction.

    Args:
        features: (channels, places); a place that is all zero or not finite is left out.

    Source: rule S4.09, which also counts each place with itself; that lowers it by 1 / places.
    """
    vectors = np.asarray(features, np.float64)
    # Scaled first, so that squares stay representable.
    largest = np.abs(vectors).max(axis=0, initial=0.0)
    known = vectors[:, np.isfinite(largest) & (largest > 0)]
    places = known.shape[1]
    if places < 2:
        return float("nan")
    scaled = known / np.abs(known).max(axis=0)
    together = (scaled / np.linalg.norm(scaled, axis=0)).sum(axis=1)
    cosine = (float(together @ together) - places) / (places * (places - 1))
    return float(np.clip(1.0 - cosine, 0.0, 2.0))


def map_entropies(features: AnyArray) -> FloatArray:
    """How evenly each channel fires over the places, (channels,) float64: 1 alike everywhere to 0 in one place.

    The entropy of the map, its least value taken off and divided by its sum, over its greatest, ln of the places. NaN
    where a map is constant or not finite, and with one place.

    Args:
        features: (channels, places).

    Source: rule S4.10, over ln of the places: the bare entropy of a map of 3 × 3 never exceeds 2.2.
    """
    values = np.asarray(features, np.float64)
    places = values.shape[1]
    if places < 2:
        return np.full(len(values), np.nan)
    with np.errstate(invalid="ignore", over="ignore"):
        raised = values - values.min(axis=1, keepdims=True)
        shares = ratio(raised, raised.sum(axis=1, keepdims=True))
    logs = np.log(shares, out=np.zeros_like(shares), where=shares > 0)
    entropies: FloatArray = -(shares * logs).sum(axis=1) / np.log(places)
    return entropies
