"""What is looked for in slots."""

from __future__ import annotations

from inspector.diagnosis.check import Check
from inspector.diagnosis.slots import (
    active_slots,
    attention_axis,
    grid_accuracy,
    masks_below_baseline,
    one_slot,
    slot_collapse,
    slots_not_separating,
    striped_masks,
)
from inspector.diagnosis.slots.dump_slots import has_dumped_masks
from inspector.diagnosis.subjects import slots

CHECKS: tuple[Check, ...] = (
    Check((attention_axis.ABOUT,), attention_axis.check, slots, opens_files=True),
    Check((slots_not_separating.ABOUT,), slots_not_separating.check, slots, opens_files=True),
    Check((slot_collapse.ABOUT,), slot_collapse.check, slot_collapse.has_measures),
    Check((active_slots.ABOUT,), active_slots.check, active_slots.has_active, opens_files=True),
    Check((one_slot.ABOUT,), one_slot.check, has_dumped_masks, opens_files=True),
    Check((striped_masks.ABOUT,), striped_masks.check, has_dumped_masks, opens_files=True),
    Check((masks_below_baseline.ABOUT,), masks_below_baseline.check, has_dumped_masks, opens_files=True),
    Check((grid_accuracy.ABOUT,), grid_accuracy.check, grid_accuracy.has_grids, opens_files=True),
)
