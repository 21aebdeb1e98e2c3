"""The layout that a dataset's attributes state: letters, or names of dimensions as xarray and HDF5 keep them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

_LETTERS: dict[str, str] = {
    name: letter
    for letter, names in {
        "N": "n sample samples batch b image_id",
        "F": "f frame frames time t",
        "I": "i iter iters iteration iterations",
        "L": "l layer layers",
        "A": "a head heads",
        "K": "k slot slots object objects",
        "P": "p position positions patch patches token tokens pixel pixels",
        "Q": "q query queries",
        "H": "h height y row rows",
        "W": "w width x col column columns",
        "C": "c channel channels rgb",
        "D": "d feature features dim hidden",
    }.items()
    for name in names.split()
}

_NAMED_DIMENSIONS = ("_ARRAY_DIMENSIONS", "DIMENSION_LABELS")


def stated_layout(attributes: Mapping[str, Any]) -> str:
    """One letter a dimension as the attributes state it; empty where they do not, or in words that are not known."""
    stated = attributes.get("layout")
    if isinstance(stated, str) and stated.strip():
        # A dimension of one is written 1 by some; it is a channel.
        return stated.strip().upper().replace("1", "C")
    for name in _NAMED_DIMENSIONS:
        words = attributes.get(name)
        if isinstance(words, list) and words:
            letters = [_LETTERS.get(word.strip().lower(), "") if isinstance(word, str) else "" for word in words]
            if all(letters):
                return "".join(letters)
    return ""
