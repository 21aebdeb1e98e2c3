"""Makes the scene. Runs in a reader process, which may open the file and is ended if it hangs."""

from pathlib import Path

import numpy as np

from inspector.artifacts.dumps.dump import image_of, opened
from inspector.core.arrays import FloatArray
from inspector.core.pulse import Pulse
from inspector.display.inputs.scene import InputsAsk, InputsScene

MOST_IMAGES = 200
NAMES = ("red", "green", "blue")
EDGES = np.linspace(0, 256, 65)


def prepare(ask: InputsAsk, pulse: Pulse) -> InputsScene:
    dump = opened(Path(ask.path), pulse)
    images = min(ask.samples, MOST_IMAGES)
    levels = np.zeros((3, 256))
    for sample in range(images):
        pulse.beat(sample, images, "reading images")  # says how far it is, and ends here where nobody waits any more
        pixels = image_of(dump, sample).reshape(-1, 3)
        for colour in range(3):
            levels[colour] += np.bincount(pixels[:, colour], minlength=256)
    return InputsScene(
        place=ask.place,
        images=images,
        edges=EDGES,
        counts=levels.reshape(3, len(EDGES) - 1, -1).sum(axis=2),
        says=tuple(said(name, counts) for name, counts in zip(NAMES, levels, strict=True)),
    )


def said(name: str, counts: FloatArray) -> str:
    """Where a network that was told to expect other colours would stumble."""
    pixels, values = counts.sum(), np.arange(256)
    if not pixels:
        return f"{name}: no pixels"
    mean = counts @ values / pixels
    deviation = np.sqrt(counts @ (values - mean) ** 2 / pixels)
    return f"{name}: mean {mean:.1f}, deviation {deviation:.1f}"
