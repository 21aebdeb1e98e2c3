"""What a run is about, so that no check asks for what it cannot have."""

from __future__ import annotations

from collections.abc import Iterator

from inspector.diagnosis.material import Material
from inspector.diagnosis.tags import mask_entropy, pixel_error
from inspector.formats.dump import Role
from inspector.formats.facts import DatasetFacts
from inspector.formats.metric_names import words
from inspector.runs.loss_threshold import loss_threshold

_SLOT = frozenset({"slot", "slots"})
_ROLES_OF_SLOTS = frozenset({Role.SLOTS, Role.SLOT_RECONSTRUCTION, Role.DECODER_MASKS})


def anything(_material: Material) -> bool:
    """Every run has it."""
    return True


def checkpointed(material: Material) -> bool:
    """Whether there is a checkpoint; that there is none is said once, and not of all that could be told from one."""
    return bool(material.checkpoints)


def slots(material: Material) -> bool:
    """Whether a dump holds slots, their masks are measured, or what was logged, set or trained is named so."""
    return (
        mask_entropy(material.curves) is not None
        or any(_is_of_slots(one) for _entry, facts in material.dumps for one in facts.datasets)
        or any(not _SLOT.isdisjoint(words(name)) for name in _names(material))
    )


def pointing(material: Material) -> bool:
    """Whether a run is about points: they are measured, done, or in its loss, or a dump holds them and no slots."""
    return (
        pixel_error(material.curves) is not None
        or loss_threshold(material.run) is not None
        or _has_role(material, Role.PRED_DONE, Role.GT_DONE)
        or (_has_role(material, Role.PRED_POINTS) and not slots(material))
    )


def _has_role(material: Material, *roles: Role) -> bool:
    return any(one.role in roles for _entry, facts in material.dumps for one in facts.datasets)


def _is_of_slots(one: DatasetFacts) -> bool:
    return one.role in _ROLES_OF_SLOTS or (one.role == Role.ATTENTION and "K" in one.layout)


def _names(material: Material) -> Iterator[str]:
    """Of curves, settings, the recipe and the weights of the newest checkpoint."""
    yield from material.curves
    yield from material.run.settings.values
    if material.run.record is not None:
        yield material.run.record.recipe
    for _entry, facts in material.checkpoints[-1:]:
        yield from (tensor.name for tensor in facts.tensors if "slot" in tensor.name.lower())  # there may be many
