"""Choices that several recipes offer."""

from __future__ import annotations

from typing import Literal

Activation = Literal["relu", "leaky_relu", "gelu"]

AttentionAxis = Literal["slots", "positions"]
"""What the softmax of slot attention runs over: slots, which then compete, or positions, which is a fault."""
