"""The activation dump `ri-dump/1`: names of its datasets, roles, and the alphabet of layouts.

Source: reference layout `ri-dump/1`; one letter a dimension, N sample, F frame, I iteration, L layer, A head, K slot,
P flat position, Q query token, H, W, C channel, D feature.
"""

from __future__ import annotations

from enum import StrEnum

FORMAT = "ri-dump"
VERSION = 1

LAYOUT_LETTERS = frozenset("NFILAKPQHWCD")


def is_layout(layout: str, axes: int) -> bool:
    """Whether a text names that many axes, each once, by known letters."""
    return len(layout) == axes == len(set(layout)) and set(layout) <= LAYOUT_LETTERS


class Role(StrEnum):
    """What a dataset of a dump holds."""

    IMAGE = "image"
    GT_MASKS = "gt_masks"
    ATTENTION = "attention"
    DECODER_MASKS = "decoder_masks"
    TOKEN_ATTENTION = "token_attention"  # noqa: S105 - a role, and no secret
    SLOTS = "slots"
    RECONSTRUCTION = "reconstruction"
    SLOT_RECONSTRUCTION = "slot_reconstruction"
    ACTIVATION = "activation"
    STATISTIC = "statistic"
    GT_POINTS = "gt_points"
    GT_POINTS_OFFSETS = "gt_points_offsets"
    PRED_POINTS = "pred_points"
    PRED_POINTS_OFFSETS = "pred_points_offsets"
    MARKED_POINTS = "marked_points"
    MARKED_POINTS_OFFSETS = "marked_points_offsets"
    CONFIDENCE = "confidence"
    GT_DONE = "gt_done"
    PRED_DONE = "pred_done"
    COUNT = "count"
    PRED_COUNT = "pred_count"
    SEQUENCE_STEP = "sequence_step"
    SAMPLE_SCALAR = "sample_scalar"
    METADATA = "metadata"
    UNKNOWN = "unknown"


SAMPLE_INDEX = "samples/index"
SAMPLE_KEY = "samples/key"
IMAGE = "samples/image"
ORIGINAL_HW = "samples/original_hw"
VALID_HW = "samples/valid_hw"
AFFINE = "samples/affine"
SIZES = "samples/size"
IN_TRUTH, IN_PREDICTIONS = "samples/in_truth", "samples/in_predictions"
"""Whether each sample is in the file of the truth, and in that of the predictions, where they are two."""
TRUTH_FILE = "truth file"
"""The attribute of a dump with the name of another file whose truth is read with it."""
GT_MASKS = "gt/masks"
GT_GRIDS, PRED_GRIDS = "gt/grids", "pred/logits_argmax"
"""Colours of the cells of grids."""
GT_POINTS = "gt/points"
GT_POINTS_OFFSETS = "gt/points_offsets"
GT_KINDS, PRED_KINDS = "gt/kinds", "pred/kinds"
"""Which kind of point each is, such as a nose, by its number among the names of kinds."""
GT_DONE = "gt/done"
COUNT = "gt/count"
MARKED_POINTS = "gt/marked"
MARKED_POINTS_OFFSETS = "gt/marked_offsets"
SEQUENCE_STEP = "gt/sequence_step"
RECON = "pred/recon"
PRED_POINTS = "pred/points"
PRED_POINTS_OFFSETS = "pred/points_offsets"
CONFIDENCE = "pred/confidence"
PRED_DONE = "pred/done"
PRED_COUNT = "pred/count"
SLOTS = "slots/slots"
DECODER_MASKS = "slots/masks"
ATTENTION = "slots/attn"
ACTIVATIONS = "activations"
STATISTICS = "stats"
CONFIG = "config/json"

SAMPLE_SUBSET = "sample_subset"
"""The attribute of a dataset that tells which samples it holds, where those are not the first ones."""

ROLE_OF_PATH: dict[str, Role] = {
    IMAGE: Role.IMAGE,
    GT_MASKS: Role.GT_MASKS,
    GT_POINTS: Role.GT_POINTS,
    GT_POINTS_OFFSETS: Role.GT_POINTS_OFFSETS,
    GT_DONE: Role.GT_DONE,
    COUNT: Role.COUNT,
    MARKED_POINTS: Role.MARKED_POINTS,
    MARKED_POINTS_OFFSETS: Role.MARKED_POINTS_OFFSETS,
    SEQUENCE_STEP: Role.SEQUENCE_STEP,
    RECON: Role.RECONSTRUCTION,
    PRED_POINTS: Role.PRED_POINTS,
    PRED_POINTS_OFFSETS: Role.PRED_POINTS_OFFSETS,
    CONFIDENCE: Role.CONFIDENCE,
    PRED_DONE: Role.PRED_DONE,
    PRED_COUNT: Role.PRED_COUNT,
    SLOTS: Role.SLOTS,
    DECODER_MASKS: Role.DECODER_MASKS,
    ATTENTION: Role.ATTENTION,
}


def dump_name(step: int) -> str:
    """The file name of the dump taken after `step` optimizer steps."""
    return f"step_{step:07d}.h5"
