"""What is looked for in channels of layers."""

from __future__ import annotations

from inspector.diagnosis.channels import (
    activation_scale,
    dead_channels,
    dormant_channels,
    flat_features,
    saturated_channels,
    sparse_features,
)
from inspector.diagnosis.channels.layers_seen import has_layers
from inspector.diagnosis.check import Check

CHECKS: tuple[Check, ...] = (
    Check((dead_channels.ABOUT,), dead_channels.check, opens_files=True),
    Check((sparse_features.ABOUT,), sparse_features.check, has_layers, opens_files=True),
    Check((dormant_channels.ABOUT,), dormant_channels.check, has_layers, opens_files=True),
    Check((saturated_channels.ABOUT,), saturated_channels.check, has_layers, opens_files=True),
    Check((flat_features.ABOUT,), flat_features.check, has_layers, opens_files=True),
    Check((activation_scale.ABOUT,), activation_scale.check, has_layers, opens_files=True),
)
