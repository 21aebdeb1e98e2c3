"""What is asked for, and what is drawn: frozen values that travel between window and reader."""

import msgspec

from inspector.core.arrays import FloatArray


class InputsAsk(msgspec.Struct, frozen=True, kw_only=True):
    """The images of one dump."""

    path: str
    place: str
    samples: int


class InputsScene(msgspec.Struct, frozen=True, kw_only=True):
    """How often each value occurs in each colour.

    Attributes:
        place: which dump, `step_0001400.h5 · epoch 280`.
        images: how many were looked at.
        edges: (bins + 1,) float64, values 0 to 256 of the images.
        counts: (3, bins) float64, pixels of red, green and blue in each bin.
        says: `red: mean 83.1, deviation 70.2` of each.
    """

    place: str
    images: int
    edges: FloatArray
    counts: FloatArray
    says: tuple[str, ...]
