"""A scene is made once as long as it is one of the last."""

from __future__ import annotations

import pytest

from inspector.display.kept_scenes import KeptScenes


def test_a_kept_scene_is_not_made_again_and_the_longest_unused_goes() -> None:
    kept, made = KeptScenes[str](2), []

    def scene(key: int) -> str:
        def make() -> str:
            made.append(key)
            return f"scene {key}"

        return kept.scene(key, make)

    assert [scene(key) for key in (1, 2, 1, 3, 1, 2)] == [f"scene {key}" for key in (1, 2, 1, 3, 1, 2)]
    assert made == [1, 2, 3, 2]


def test_what_fails_is_not_kept() -> None:
    kept = KeptScenes[int](2)
    with pytest.raises(ZeroDivisionError):
        kept.scene("key", lambda: 1 // 0)
    assert kept.scene("key", lambda: 2) == 2
