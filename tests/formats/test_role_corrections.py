"""What the user says of datasets holds for all files of like names, and only where it can."""

from __future__ import annotations

import pytest

from inspector.formats.facts import DatasetFacts, DumpFacts
from inspector.formats.role_corrections import (
    BY_HAND,
    FileCorrections,
    RoleCorrection,
    corrected,
    corrections_for,
    pattern_of,
    with_correction,
    without_correction,
)


def dataset(path: str, shape: tuple[int, ...], role: str = "unknown", layout: str = "") -> DatasetFacts:
    return DatasetFacts(path=path, shape=shape, dtype="float32", bytes=4, role=role, layout=layout, sums_over="K")


FACTS = DumpFacts(
    bytes=1,
    datasets=(dataset("a", (6, 5, 8, 8), "attention", "NIKP"), dataset("b", (6, 8, 8, 3))),
    samples=6,
    notes=("something else",),
)


@pytest.mark.parametrize(
    ("name", "pattern"),
    [
        ("step_0001500.h5", "step_*.h5"), ("epoch12_step3.npz", "epoch*_step*.npz"), ("masks.h5", "masks.h5"),
        ("table_290_1796d9329bca8b6743fe.table.json", "table_*_*.table.json"), ("run 7", "run *"),
        ("a[1].h5", "a[[]*].h5"), ("what?.h5", "what[?].h5"),
    ],
)  # fmt: skip
def test_a_pattern_is_of_files_whose_numbers_differ(name: str, pattern: str) -> None:
    assert pattern_of(name) == pattern
    correction = RoleCorrection(dataset="a", role="slots")
    known = (FileCorrections(pattern=pattern, corrections=(correction,)),)
    assert corrections_for(name, known) == (correction,)
    assert corrections_for("other.h5", known) == ()


def test_what_is_chosen_by_hand_takes_the_guess_s_place() -> None:
    found = corrected(FACTS, [RoleCorrection(dataset="a", role="decoder_masks", layout="NKHW")])
    first, second = found.datasets
    assert (first.role, first.layout, first.because, first.sums_over) == ("decoder_masks", "NKHW", BY_HAND, "")
    assert second is FACTS.datasets[1]
    assert (found.samples, found.notes) == (6, FACTS.notes)
    usual = corrected(FACTS, [RoleCorrection(dataset="a", role="activation")]).datasets[0]
    assert (usual.role, usual.layout) == ("activation", "NCHW"), "the guessed layout does not suit the role"
    kept = corrected(FACTS, [RoleCorrection(dataset="a", role="unknown")]).datasets[0]
    assert (kept.role, kept.layout, kept.sums_over) == ("unknown", "NIKP", "K")


def test_samples_are_counted_by_the_chosen_layout() -> None:
    found = corrected(FACTS, [RoleCorrection(dataset="b", role="image", layout="HNWC")])
    assert found.samples == 6
    assert found.notes == ("something else", "its datasets hold 6, 8 samples; the first 6 are shown")
    again = corrected(found, [RoleCorrection(dataset="b", role="image", layout="NHWC")])
    assert again.notes == ("something else",)


def test_what_cannot_hold_is_noted_and_the_guess_kept() -> None:
    wrong = [RoleCorrection(dataset="a", role="attention", layout="NKP"), RoleCorrection(dataset="b", role="dog")]
    found = corrected(FACTS, wrong)
    assert found.datasets == FACTS.datasets
    assert found.notes[1:] == (
        "a keeps its guessed role: it cannot be attention, as it has 4 axes, and its layout is 'NKP'",
        "b keeps its guessed role: there is no role dog",
    )
    assert corrected(FACTS, [RoleCorrection(dataset="gone", role="slots")]) is FACTS


def test_a_later_correction_takes_an_earlier_one_s_place_and_is_forgotten() -> None:
    first, second = RoleCorrection(dataset="a", role="slots"), RoleCorrection(dataset="a", role="image", layout="NHWC")
    known = with_correction(with_correction((), "*.h5", first), "*.h5", second)
    assert corrections_for("x.h5", known) == (second,)
    known = with_correction(known, "x*.h5", first)
    assert corrections_for("x.h5", known) == (first,)
    assert corrections_for("y.h5", known) == (second,)
    assert without_correction(known, "x*.h5", "a") == with_correction((), "*.h5", second)
    assert without_correction(without_correction(known, "x*.h5", "a"), "*.h5", "a") == ()
