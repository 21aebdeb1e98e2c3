"""What a dump holds of one sample's slots, brought to one form."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from inspector.artifacts.dumps.dump import Dump, gt_labels_of, image_of, masks_of, picture_of, slot_pictures_of
from inspector.artifacts.dumps.token_maps import chosen_token, head_maps_of, token_grids
from inspector.core.arrays import AnyArray, LabelMap, ShapeError
from inspector.core.errors import FileError, UnsupportedError
from inspector.core.language import tr, tr_counted
from inspector.core.notes import Notes
from inspector.core.units import percent_text
from inspector.display.dumps import datasets
from inspector.display.rasters import Planes
from inspector.display.slots.mask_sets import held
from inspector.display.slots.scene import MaskChoice
from inspector.formats.dump import VALID_HW, Role
from inspector.formats.facts import DatasetFacts


@dataclass(frozen=True, slots=True, eq=False)
class Sample:
    """One sample.

    Attributes:
        image: (height, width, 3) float32 in 0..1; grey of the masks' size where the dump has none.
        masks: (slots, rows, columns) float32 as recorded.
        truth: the true label of each pixel, 0 the background, -1 undefined; None where the dump has none.
        valid: (rows, columns) bool, False in the padding; None where nothing is padded.
    """

    image: Planes
    masks: Planes
    truth: LabelMap | None
    valid: AnyArray | None


def choice_in(dump: Dump, choice: MaskChoice) -> MaskChoice:
    """A choice of masks as the dump can meet it.

    Raises:
        UnsupportedError: it has none.
    """
    found = held(dump.facts, choice)
    if found is None:
        raise dump.lacking("attention or masks")
    return found


def read_sample(dump: Dump, sample: int, choice: MaskChoice, notes: Notes) -> Sample:
    """One sample; what is missing or damaged beside its masks is noted.

    Args:
        dump: where from.
        sample: its index.
        choice: of the masks, as `choice_in` gives it.
        notes: takes what is missing.

    Raises:
        FileError: the masks cannot be read.
    """
    try:
        masks = _masks(dump, sample, choice)
    except ShapeError as error:
        raise UnsupportedError(dump.path, "slot masks", f"{error}") from error
    if not masks.size:
        raise UnsupportedError(dump.path, "slot masks", f"an array of {masks.shape}")
    undefined = 1 - np.count_nonzero(np.all(np.isfinite(masks), axis=0)) / masks[0].size
    if undefined:
        notes.add(tr("{share} of the masks' pixels are not finite").format(share=percent_text(undefined)))
    return Sample(
        image=_image(dump, sample, choice.frame, masks, notes),
        masks=masks,
        truth=None if choice.source in ("truth", "tokens") else _truth(dump, sample, choice.frame, notes),
        valid=_valid(dump, sample, masks.shape[1:], notes),
    )


def _masks(dump: Dump, sample: int, choice: MaskChoice) -> Planes:
    dataset = dump.dataset(choice.dataset)
    if choice.source == "tokens" and dataset is not None:
        token = chosen_token(token_grids(dump, dataset)[0], choice.token_at)
        return head_maps_of(dump, dataset, sample, token, frame=choice.frame, layer=choice.layer)
    iteration, head = _chosen(choice.iteration), _chosen(choice.head)
    return masks_of(dump, sample, choice.dataset, iteration, head, frame=choice.frame, layer=_chosen(choice.layer))


def _chosen(index: int) -> int | None:
    return index if index >= 0 else None


def reconstruction_of(dump: Dump, sample: int, frame: int, notes: Notes) -> Planes | None:
    """What the model made of the image, (height, width, 3) float32 in 0..1; None where the dump has none."""
    found = datasets(dump.facts, Role.RECONSTRUCTION)
    if not found:
        return None
    try:
        return np.divide(picture_of(dump, found[0], sample, frame), 255, dtype=np.float32)
    except (FileError, ShapeError) as error:
        notes.add_error(error)
        return None


def slot_pictures_in(dump: Dump) -> DatasetFacts | None:
    """The pictures that slots draw by themselves; None where the dump has none."""
    return next(iter(datasets(dump.facts, Role.SLOT_RECONSTRUCTION)), None)


def slot_reconstructions(dump: Dump, sample: int, choice: MaskChoice, slots: int, notes: Notes) -> Planes | None:
    """What each slot draws by itself, (slots, height, width, 3) float32 in 0..1; None, with a note, where it cannot be.

    Args:
        dump: where from.
        sample: its index.
        choice: of the masks, whose frame and iteration are shown.
        slots: how many masks there are.
        notes: takes what is missing.
    """
    wanted = slot_pictures_in(dump)
    if wanted is None:
        notes.add(tr("This dump has no reconstructions of single slots; the tiles show the masks"))
        return None
    try:
        found = slot_pictures_of(dump, wanted, sample, choice.frame, choice.iteration)
    except (FileError, ShapeError) as error:
        notes.add_error(error)
        return None
    if len(found) != slots:
        note = tr("{dataset} holds {found}, the masks {slots}; the tiles show the masks")
        notes.add(note.format(dataset=wanted.path, found=tr_counted(len(found), "slot"), slots=slots))
        return None
    return np.divide(found, 255, dtype=np.float32)


def _image(dump: Dump, sample: int, frame: int, masks: Planes, notes: Notes) -> Planes:
    if not datasets(dump.facts, Role.IMAGE):
        notes.add(tr("This dump has no images; the masks lie on grey"))
        return np.full((*masks.shape[1:], 3), 0.5, np.float32)
    try:
        return np.divide(image_of(dump, sample, frame), 255, dtype=np.float32)
    except (FileError, ShapeError) as error:
        notes.add_error(error)
        return np.full((*masks.shape[1:], 3), 0.5, np.float32)


def _truth(dump: Dump, sample: int, frame: int, notes: Notes) -> LabelMap | None:
    try:
        truth = gt_labels_of(dump, sample, frame)
    except (FileError, ShapeError) as error:
        notes.add_error(error)
        return None
    return truth if truth is not None and truth.size else None


def _valid(dump: Dump, sample: int, shape: tuple[int, ...], notes: Notes) -> AnyArray | None:
    """Which cells of the masks lie within the content; it stands at the upper left."""
    images = datasets(dump.facts, Role.IMAGE)
    if dump.dataset(VALID_HW) is None or not images or "H" not in images[0].layout or "W" not in images[0].layout:
        return None
    try:
        content = dump.read(VALID_HW, sample)
    except FileError as error:
        notes.add_error(error)
        return None
    layout, whole = images[0].layout, images[0].shape
    height, width = whole[layout.index("H")], whole[layout.index("W")]
    if content.shape != (2,) or not (0 < content[0] <= height and 0 < content[1] <= width):
        note = tr("{dataset} does not fit images of {height} x {width}; all of each is taken as valid")
        notes.add(note.format(dataset=VALID_HW, height=height, width=width))
        return None
    rows = (np.arange(shape[0]) + 0.5) * (height / shape[0]) < content[0]
    columns = (np.arange(shape[1]) + 0.5) * (width / shape[1]) < content[1]
    valid = rows[:, None] & columns[None, :]
    return None if valid.all() else valid
