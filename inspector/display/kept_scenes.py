"""Scenes that were prepared already: of samples next to the shown one, and of those that were just left."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from typing import Generic, TypeVar

S = TypeVar("S")


class KeptScenes(Generic[S]):
    """The last few scenes of a viewer.

    Args:
        most: how many are kept.
    """

    def __init__(self, most: int) -> None:
        self._most = most
        self._scenes: dict[Hashable, S] = {}

    def scene(self, key: Hashable, make: Callable[[], S]) -> S:
        """The scene of a key, made where it is not kept.

        Args:
            key: all that the scene depends on: the ask, and which files stood at its paths.
            make: makes it; what it raises is passed on, and nothing is kept.
        """
        found = self._scenes.pop(key) if key in self._scenes else make()
        self._scenes[key] = found
        while len(self._scenes) > self._most:
            self._scenes.pop(next(iter(self._scenes)))
        return found
