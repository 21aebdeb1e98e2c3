"""Prefixes of wrappers are left out in any order, and never the whole of a name."""

from __future__ import annotations

import pytest

from inspector.analysis.name_prefixes import prefix_of, stripped


@pytest.mark.parametrize(
    ("name", "prefix", "left"),
    [
        ("conv.weight", "", "conv.weight"),
        ("_orig_mod.module.model.conv.weight", "_orig_mod.", "conv.weight"),
        ("module._orig_mod.conv.weight", "module.", "conv.weight"),
        ("base_model.model.model.conv.weight", "base_model.model.", "conv.weight"),
        ("base_model.conv.weight", "", "base_model.conv.weight"),
        ("ema_model.conv.weight", "ema_model.", "conv.weight"),
        ("models.conv.weight", "", "models.conv.weight"),
        ("conv.module.weight", "", "conv.module.weight"),
        ("module.", "", "module."),
        ("module.model.", "module.", "model."),
        ("", "", ""),
    ],
)
def test_prefixes_are_left_out(name: str, prefix: str, left: str) -> None:
    assert prefix_of(name) == prefix
    assert stripped(name) == left
