"""Numbers of samples carry a name, a label and a unit, and say how far a scan came."""

from __future__ import annotations

import numpy as np
import pytest

from inspector.formats import sample_table
from inspector.formats.sample_table import SampleTable, sample_column


def test_a_column_takes_its_label_and_unit_from_its_name() -> None:
    column = sample_column("err_px", np.array([1.5, np.nan]))

    assert (column.label, column.unit) == ("Point error", "px")


def test_the_sparsity_of_a_layer_is_named_after_the_layer() -> None:
    assert sample_column("sparsity/encoder.conv1", np.zeros(1)).label == "Sparsity of encoder.conv1"


def test_a_name_that_is_not_known_is_its_own_label() -> None:
    assert sample_column("difficulty", np.zeros(1)).label == "difficulty"


def test_on_screen_a_number_has_the_users_word_and_in_files_the_english_one(monkeypatch: pytest.MonkeyPatch) -> None:
    german = {"Point error": "Punktfehler", "Sparsity of {layer}": "Nullen in {layer}", "image": "Bild"}
    monkeypatch.setattr(sample_table, "tr", german.__getitem__)
    names = ("err_px", "sparsity/enc", "image")  # the last is the file's own and no word of this program
    found = [sample_column(name, np.zeros(1)) for name in names]
    assert [column.title for column in found] == ["Punktfehler", "Nullen in enc", "image"]
    assert [column.label for column in found] == ["Point error", "Sparsity of enc", "image"]


def test_a_table_is_whole_once_every_sample_was_read() -> None:
    assert not SampleTable(samples=3, scanned=2).whole
    assert SampleTable(samples=3, scanned=3).whole
    assert SampleTable(samples=0).whole


def test_a_column_is_found_by_its_name() -> None:
    column = sample_column("ari", np.zeros(2))
    table = SampleTable(samples=2, scanned=2, columns=(column,))

    assert table.column("ari") is column
    assert table.column("fg_ari") is None
