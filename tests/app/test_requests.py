"""What users of other tools ask for: each row of the page is answered, and a test shows that it is as it says."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from inspector.app.help_pages import standing_page
from inspector.app.tabs import TABBED

TESTS = Path(__file__).resolve().parents[1]

WISHES = 40

SHOWN_BY = {
    1: "training/test_matrix.py::test_the_effective_rate_is_the_previewed_one_whatever_is_edited",
    2: "training/test_resume.py::test_a_new_batch_size_starts_the_epoch_over_and_says_so",
    3: "app/test_resume_rows.py::test_each_kind_of_edit_has_its_tag",
    4: "diagnosis/seams/test_seams.py::test_a_higher_rate_is_named_with_the_jump",
    5: "views/test_plot.py::test_a_spike_in_ten_million_points_is_drawn_at_every_zoom",
    6: "display/curves/test_export.py::test_the_table_holds_every_point_of_every_attempt",
    7: "artifacts/test_wandb.py::test_rows_read_at_once_are_rows_read_one_by_one",
    8: "training/test_loop.py::test_a_checkpoint_is_tensors_and_plain_values_that_torch_reads_safely",
    9: "artifacts/test_checkpoint.py::test_listing_imports_no_numpy_and_opens_nothing_but_the_file",
    10: "runs/test_checkpoint_diff.py::test_changes_agree_with_torch",
    11: "display/weights/test_tensor.py::test_kernels_are_the_strongest_of_each_output_on_a_map_centred_on_zero",
    12: "views/slots/test_slots_view.py::test_style_source_and_opacity_are_told",
    13: "views/slots/test_slots_view.py::test_a_threshold_can_be_set_where_it_is_used",
    14: "app/test_end_to_end.py::test_from_a_drop_to_resumed_curves",
    15: "views/curves/test_curves_view.py::test_a_click_moves_the_cursor_of_every_panel_to_that_step",
    16: "display/slots/test_tiles.py::test_heads_are_shown_together_or_one_by_one",
    17: "display/points/test_compared.py::test_counts_equal_a_loop",
    18: "views/slots/test_slots_view.py::test_stage_and_tiles_zoom_and_pan_together_and_fit_again",
    19: "analysis/test_slot_labels.py::test_slots_that_share_every_pixel_alike_are_uniform",
    20: "display/slots/test_pictures.py::test_full_brightness_is_what_it_is_called",
    21: "views/points/test_toolbar.py::test_each_kind_has_a_size_and_an_opacity_of_its_own",
    22: "app/test_gallery_window.py::test_the_worst_ten_are_flagged_two_noted_the_flagged_filtered_and_exported",
    23: "display/curves/test_axis.py::test_a_logarithmic_x_axis_begins_at_the_first_x_above_0",
    24: "views/curves/test_toolbar.py::test_the_view_menu_sets_scales_smoothing_ranges_and_sizes",
    25: "display/curves/test_axis.py::test_a_metric_is_x_record_by_record_and_interpolated_only_where_steps_differ",
    26: "display/curves/test_curves.py::test_smoothing_is_tensorboards_and_the_logged_values_stay_behind",
    27: "display/curves/test_merge.py::test_seeds_become_a_mean_with_a_band_that_says_what_it_is",
    28: "display/curves/test_merge.py::test_runs_that_differ_only_in_their_seed_are_one_group",
    29: "runs/test_first_look.py::test_a_first_look_gives_what_was_read_and_says_how_much_is_left",
    30: "app/test_fleet.py::test_many_runs_are_a_table_from_which_they_are_opened_and_compared",
    31: "artifacts/test_logs.py::test_a_log_that_is_cut_replaced_or_rewritten_reads_as_a_fresh_one",
    32: "artifacts/test_hdf5_writers.py::test_a_live_writer_is_read_beside_and_never_disturbed",
    33: "app/test_export.py::test_text_of_svg_and_pdf_is_text",
    34: "app/test_following.py::test_a_run_that_grows_is_diagnosed_now_and_then_and_at_its_end",
    35: "display/curves/test_table_and_marks.py::test_attempts_have_a_seam_each_and_what_was_replaced_is_dim",
    36: "views/curves/test_toolbar.py::test_the_table_tells_best_last_and_the_value_at_the_cursor",
    37: "views/curves/test_toolbar.py::test_an_expression_is_added_by_enter_and_removed_by_its_cross",
    38: "app/test_session_kept.py::test_the_next_start_shows_what_the_last_one_did",
    39: "app/test_panels.py::test_the_tree_shows_runs_files_and_why_one_was_left_out",
    40: "app/test_accessibility.py::test_texts_stand_out_from_the_ground_they_are_painted_on",
}
"""By the number of a row: a test that fails where what is said there is not so."""


def rows() -> dict[int, list[str]]:
    """The cells of each row by its number: wish, answer, where."""
    lines = re.findall(r"^\| (\d+) \|(.*)\|$", standing_page("requests").text, flags=re.MULTILINE)
    assert len({number for number, _ in lines}) == len(lines)
    return {int(number): [cell.strip() for cell in cells.split("|")] for number, cells in lines}


def test_every_wish_has_its_row_and_its_answer() -> None:
    assert set(rows()) == set(range(1, WISHES + 1))
    for number, (wish, answer, where) in rows().items():
        assert wish, number
        assert answer in ("yes", "partly", "no"), number
        assert where, number


def test_views_that_a_row_names_are_offered() -> None:
    for number, (_wish, _answer, where) in rows().items():
        assert set(re.findall(r"\*\*(.+?)\*\*", where)) <= {offer.title for offer in TABBED}, number


@pytest.mark.parametrize("number", SHOWN_BY)
def test_what_shows_it_is_a_test(number: int) -> None:
    file, _, name = SHOWN_BY[number].partition("::")
    assert re.search(rf"^ *def {name}\(", (TESTS / file).read_text(), flags=re.MULTILINE), SHOWN_BY[number]
