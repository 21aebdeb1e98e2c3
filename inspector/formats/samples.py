"""How many samples a dump holds, by the layouts of its datasets."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any

from inspector.formats.facts import DatasetFacts


def samples_of(datasets: Iterable[DatasetFacts], attributes: Mapping[str, Any]) -> tuple[int | None, str]:
    """How many samples a dump holds, and a note where its datasets disagree; None where none tells."""
    lengths = Counter(
        dataset.shape[dataset.layout.index("N")] for dataset in datasets if "N" in dataset.layout and dataset.shape
    )
    stated = attributes.get("n_samples")
    # Where as many hold one count as another, the smaller is there in all of them.
    most = max(lengths, key=lambda length: (lengths[length], -length)) if lengths else None
    if isinstance(stated, int) and not isinstance(stated, bool) and stated >= 0:
        doubt = f"it states {stated} samples, its datasets hold {most}" if most not in (None, stated) else ""
        return (stated if not doubt else min(stated, most or 0)), doubt
    spread = ", ".join(str(length) for length in sorted(lengths))
    return most, f"its datasets hold {spread} samples" if len(lengths) > 1 else ""
