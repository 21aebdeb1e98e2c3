"""Images with points on them: what was annotated, and what a model predicted."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from inspector.core.arrays import FloatArray, IntArray


@dataclass(frozen=True, slots=True, eq=False)
class PointLists:
    """The points of each of many images, in one list.

    Attributes:
        offsets: (images + 1,) where the points of each image begin, and where the last ones end.
        places: (points, 2) x and y, or what the file calls so; NaN where a point is missing.
        confidence: (points,) of predictions, NaN where a point has none; None where none has.
        kinds: (points,) which of `AnnotatedImages.kind_names` each is; None where all are of one kind.
    """

    offsets: IntArray
    places: FloatArray
    confidence: FloatArray | None = None
    kinds: IntArray | None = None


@dataclass(frozen=True, slots=True, eq=False)
class AnnotatedImages:
    """What a file of annotations or predictions says of its images.

    Attributes:
        names: how the file calls each image: its file name, or a number.
        ids: what other files may call each image too; empty where there are no such ids.
        files: where each image lies, where it is called otherwise; empty where names tell.
        numbered: whether `names` are only numbers in the order of the file, which tell nothing outside it.
        sizes: (images, 2) height and width of the image that the points lie in; NaN where the file does not tell.
        truth, predicted: the points of each image; None where the file has none of that kind.
        marked: in a sequence, the objects of each image that were counted before, in their order; None without any.
        truth_done, predicted_done: (images,) the done signal, NaN where an image has none; None where none has.
        kind_names: what the kinds of points are called (`nose`, `left_eye`, ...).
        in_truth, in_predictions: (images,) bool, whether the file of the truth and that of the predictions know each
            image; None where they are one file.
        truth_in_pixels, predicted_in_pixels: whether the format itself says that these are pixels of the stored image.
        numbers: a number for each image by what it tells (`k`, `count`, `loss`), (images,) float64, NaN where unknown.
        texts: words for each image by what they tell (`class`, `split`, `caption`), empty where there are none.
        notes: what could not be read.
    """

    names: tuple[str, ...]
    sizes: FloatArray
    ids: tuple[str, ...] = ()
    files: tuple[str, ...] = ()
    numbered: bool = False
    truth: PointLists | None = None
    predicted: PointLists | None = None
    marked: PointLists | None = None
    truth_done: FloatArray | None = None
    predicted_done: FloatArray | None = None
    kind_names: tuple[str, ...] = ()
    in_truth: npt.NDArray[np.bool_] | None = None
    in_predictions: npt.NDArray[np.bool_] | None = None
    truth_in_pixels: bool = False
    predicted_in_pixels: bool = False
    numbers: dict[str, FloatArray] = field(default_factory=dict)
    texts: dict[str, tuple[str, ...]] = field(default_factory=dict)
    notes: tuple[str, ...] = ()
