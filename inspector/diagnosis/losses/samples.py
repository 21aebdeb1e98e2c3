"""How many samples a run learns from, as far as its settings say."""

from __future__ import annotations

from inspector.diagnosis.material import Material
from inspector.diagnosis.values import SettingEvidence

_COUNTS = frozenset(
    ("n_train", "num_train", "train_samples", "num_train_samples", "train_size", "n_samples", "train_scenes",
     "train_images", "train_puzzles", "train_grids", "num_train_images", "max_train_samples")
)  # fmt: skip
_SHARES = frozenset(("subset", "subset_percent", "subset_fraction", "data_fraction", "train_fraction"))


def training_samples(material: Material) -> SettingEvidence | None:
    """The number of training samples as evidence, its `value`; None where nothing tells it."""
    recorded = material.run.record.samples if material.run.record else None
    if recorded:
        return SettingEvidence(path="data.subset", value=recorded, text=f"It learns from {recorded:,} samples")
    values = material.run.settings.values
    named = {path.rpartition(".")[2].lower(): path for path in values}
    path = next((named[name] for name in named if name in _COUNTS), None)
    count = material.number(path) if path else None
    if path is None or count is None or count < 1:
        return None
    share_path = next((named[name] for name in named if name in _SHARES), None)
    share = (material.number(share_path) if share_path else None) or 1.0
    used = round(count * share) if 0 < share <= 1 else round(count)
    return SettingEvidence(path=share_path or path, value=used, text=f"It learns from {used:,} samples")
