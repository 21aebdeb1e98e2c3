"""The 19 promises of a program that opens strangers' files: what tries each, and what was measured of it.

`python -m tests.long promises` prints the table and stores it beside the results that it is made of.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import reduce
from pathlib import Path
from typing import Any

from inspector.display.markdown_table import table
from tests.long.harness import RESULTS

INPUTS, FAULTS, CRASHES, HANGS = "inputs tried", "faults injected", "crashes", "hangs"
ALTERED, EXECUTED, ORPHANS = "files altered", "code executed", "orphans"
COLUMNS = (INPUTS, FAULTS, CRASHES, HANGS, ALTERED, EXECUTED, ORPHANS)

_PREFACE = """Made by `python -m tests.long promises` of the stored results. 0 is measured: a round
that meets one fails, or counts it. An empty place was not measured."""

TESTS_RUN = "promise_tests"
"""The check that counts the tests of each promise."""


@dataclass(frozen=True)
class Measured:
    """One figure of a check's stored result.

    Attributes:
        column: one of COLUMNS, or words of its own.
        path: the keys that lead to it within the figures; none where a round fails on the first, so that it is 0.
    """

    column: str
    check: str
    path: tuple[str, ...] = ()


@dataclass(frozen=True)
class Promise:
    """One promise.

    Attributes:
        says: it, in a user's words.
        tests: node ids of pytest, of whole modules too.
        checks: names of long checks.
        lacks: what of it nothing tries yet, or empty.
        insists: how much the tests themselves insist on having tried, or empty.
    """

    number: int
    says: str
    tests: tuple[str, ...] = ()
    checks: tuple[str, ...] = ()
    measured: tuple[Measured, ...] = ()
    lacks: str = ""
    insists: str = ""


def _of(check: str, /, **columns: str) -> tuple[Measured, ...]:
    """Figures of one check by the short name of their column; `0` where a round fails on the first."""
    names = {"inputs": INPUTS, "faults": FAULTS, "altered": ALTERED, "executed": EXECUTED}
    return tuple(
        Measured(names.get(column, column.replace("_", " ")), check, () if path == "0" else tuple(path.split("/")))
        for column, path in columns.items()
    )


_FAILED_CALLS = tuple(
    Measured(FAULTS, "trainer_faults", (f"failed_calls_{name}",))
    for name in (
        "no_space_left_on_device",
        "disk_quota_exceeded",
        "permission_denied",
        "read-only_file_system",
        "input/output_error",
    )
)

PROMISES = (
    Promise(
        1,
        "Opening a file runs nothing that is in it",
        (
            "tests/artifacts/test_promises_inert.py",
            "tests/artifacts/test_pickle_machine.py::test_hostile_pickles_cause_no_event_that_python_audits",
            "tests/artifacts/test_torchscript.py::test_code_that_is_hostile_is_only_shown",
            "tests/reader/test_lock.py::test_nothing_but_reading_is_possible",
            "tests/jobs/test_children.py::test_the_current_folder_and_pythonpath_cannot_slip_a_module_in",
        ),
        ("pickle_mutants", "small_mutants"),
        (
            *_of("pickle_mutants", inputs="mutants", crashes="exceptions", executed="audit_events"),
            *_of("small_mutants", inputs="mutants", crashes="0", executed="audit_events"),
        ),
        insists="200,000 mutants and every hostile sample",
    ),
    Promise(
        2,
        "What is sound opens, with the values that were written",
        ("tests/artifacts/test_promises_matrix.py", "tests/artifacts/test_checkpoint_samples.py"),
        ("checkpoint_samples",),
        _of("checkpoint_samples", inputs="files", torch_loads="torch_loads", equal="equal", different="different"),
        insists="at least 240 files and 1,000 tensors equal to torch's",
    ),
    Promise(
        3,
        "No file freezes the program or eats the machine",
        (
            "tests/artifacts/test_promises_bombs.py",
            "tests/artifacts/test_container_bombs.py",
            "tests/artifacts/test_promises_limits.py",
            "tests/artifacts/test_promises_fuzzed.py",
            "tests/jobs/test_readers.py::test_a_memory_bomb_stays_within_the_limit",
            "tests/jobs/test_readers.py::test_a_reader_that_uses_up_its_processor_time_is_told_and_replaced",
            "tests/jobs/test_readers.py::test_a_hung_reader_is_replaced_after_its_silence",
        ),
        ("bombs", "window_bombs"),
        (
            *_of("bombs", inputs="bombs", crashes="0", hangs="0"),
            *_of("bombs", most_memory_MB="worst_memory_mb", most_CPU_s="worst_cpu_s"),
            *_of(
                "window_bombs", opened_in_a_window="bombs", crashes="tracebacks", longest_turn_CPU_ms="longest_cpu_ms"
            ),
        ),
        insists="at least 60 bombs, each within 2 s of CPU or stopped within 0.2 s, and 512 MB",
    ),
    Promise(
        4,
        "What is shown is what torch would load, or the doubt is said",
        ("tests/artifacts/test_promises_ambiguous.py",),
        ("checkpoint_samples",),
        _of("checkpoint_samples", inputs="files", different="different"),
        insists="at least 500 archives, 100 of which torch loads",
    ),
    Promise(
        5,
        "Damage inside a record is found",
        (
            "tests/artifacts/test_promises_flips.py",
            "tests/artifacts/test_verify.py",
            "tests/artifacts/test_folder_copies.py::test_a_flipped_bit_in_any_of_its_tensors_is_found",
        ),
        insists="at least 10,000 turned bits, every one of them found",
    ),
    Promise(
        6,
        "A file that is cut still shows what is whole",
        (
            "tests/artifacts/test_promises_cut.py",
            "tests/artifacts/test_torch_tar.py::test_a_file_cut_anywhere_opens_or_says_so",
            "tests/artifacts/test_hdf5_damage.py::test_a_file_cut_anywhere_is_listed_or_refused",
        ),
        insists="a cut at every 64th byte of each kind",
    ),
    Promise(
        7,
        "No HDF5 file takes the window down",
        (
            "tests/artifacts/test_hdf5_damage.py",
            "tests/artifacts/test_hdf5_samples.py",
            "tests/jobs/test_readers.py::test_a_crash_in_a_library_is_told_with_where_it_was",
            "tests/app/test_end_to_end.py::test_a_reader_killed_in_the_middle_of_a_request_leaves_a_working_window",
        ),
        ("hdf5_mutants",),
        (
            *_of("hdf5_mutants", inputs="mutants", hangs="hangs", crashes="unexpected errors"),
            *_of("hdf5_mutants", refused="refused", readers_that_died="readers that died", longest_s="longest_s"),
            *_of("hdf5_mutants", longest_s_until_read_again="longest_until_read_again_s"),
        ),
        "the published files that break the library itself are not at hand; the next file was read after 0.5 s, as is "
        "wanted, only where the machine had little else to do",
    ),
    Promise(
        8,
        "A file leads to no other that was not opened",
        (
            "tests/artifacts/test_hdf5_outside.py",
            "tests/artifacts/test_hdf5_elsewhere.py",
            "tests/artifacts/test_image_places.py",
            "tests/artifacts/test_wandb.py::test_a_picture_is_fetched_where_it_was_opened_with_its_run_and_nowhere_else",
            "tests/artifacts/test_dcp_hostile.py",
            "tests/artifacts/test_sharded.py::test_a_shard_outside_the_folder_is_not_opened",
            "tests/artifacts/test_sharded.py::test_an_index_that_was_opened_by_itself_leads_to_files_of_its_set_alone",
            "tests/artifacts/test_sharded.py::test_a_link_that_leaves_the_folder_is_not_followed_and_one_into_the_cache_of_the_hub_is",
            "tests/artifacts/test_sharded.py::test_an_index_that_names_itself_or_a_pipe_or_a_folder_ends",
            "tests/reader/test_lock.py",
            "tests/reader/test_lock_companions.py",
            "tests/reader/test_seccomp.py",
        ),
    ),
    Promise(
        9,
        "Watching never disturbs the one who writes",
        ("tests/long/test_quick.py::test_the_first_rounds_hold[watched_writers]",),
        ("watched_writers",),
        tuple(
            Measured(column, "watched_writers", (kind, what))
            for column, what in ((INPUTS, "writes"), ("writes that failed", "failed"), ("writes lost", "lost"))
            for kind in ("hdf5", "csv", "jsonl", "torch")
        ),
    ),
    Promise(
        10,
        "A damaged log loses next to nothing",
        ("tests/artifacts/test_promise_10.py", "tests/artifacts/test_promise_10_events.py"),
        ("log_damage", "event_damage", "wandb_damage"),
        (
            *(
                Measured(column, "log_damage", (name, key))
                for name in ("events.out.tfevents.1700000000.host", "metrics.csv", "metrics.jsonl", "train.log")
                for column, key in ((FAULTS, "places"), (f"lost at most of {name.split('.1')[0]}", "at_most"))
            ),
            *_of("event_damage", faults="damaged", crashes="0", lost_at_most_of_events="records lost at most"),
            *_of("wandb_damage", faults="places", crashes="0", rows_lost_at_most="rows lost at most"),
        ),
        "a changed byte that takes a line end of a CSV file costs the two rows it joins, for nothing proves where one "
        "ended, nor that they are not one row with cells too many; one is promised",
    ),
    Promise(
        11,
        "Following a log ends where reading it anew does",
        ("tests/runs/test_promise_11.py",),
        ("log_sequences", "live_follow"),
        (
            *_of("log_sequences", inputs="sequences", crashes="0", differences="differences"),
            *_of("live_follow", inputs="all together/records", points_lost="all together/lost"),
        ),
    ),
    Promise(
        12,
        "Any line and any text can be shown",
        (
            "tests/artifacts/test_console.py",
            "tests/core/test_texts_and_units.py",
            "tests/artifacts/test_metrics_jsonl.py::test_a_giant_line_is_passed_over_without_being_held",
            "tests/artifacts/test_metrics_jsonl.py::test_hostile_values_are_numbers_or_notes",
            "tests/views/test_foundation.py::test_text_of_files_is_never_read_as_markup",
            "tests/views/curves/test_cards.py::test_a_name_that_looks_like_markup_is_shown_as_it_is",
            "tests/app/test_sample_card.py::test_text_of_files_is_shown_as_plain_text",
            "tests/display/report/test_report.py::test_texts_of_files_are_shown_as_they_are",
        ),
        ("odd_texts",),
        (
            *_of(
                "odd_texts", inputs="whole/texts", crashes="whole/tracebacks", other_files_read="whole/other files read"
            ),
            *_of("odd_texts", longest_turn_CPU_ms="whole/longest_cpu_ms", longest_turn_wall_ms="whole/longest_wall_ms"),
        ),
    ),
    Promise(
        13,
        "A crash never costs a checkpoint",
        (
            "tests/training/test_killed.py",
            "tests/training/test_faults.py",
            "tests/training/test_saving.py",
            "tests/core/test_files.py",
        ),
        ("trainer_kills", "trainer_faults"),
        (
            *_of("trainer_kills", faults="kills", whole_checkpoints="whole_checkpoints", orphans="0"),
            *_of("trainer_faults", faults="kills"),
            Measured(FAULTS, "trainer_faults", ("power_cuts",)),
        ),
    ),
    Promise(
        14,
        "A full disk is said plainly and costs nothing that was whole",
        (
            "tests/training/test_faults.py",
            "tests/training/test_killed.py::test_a_full_disk_ends_the_run_and_leaves_what_was_whole",
            "tests/training/test_failures.py::test_a_checkpoint_that_finds_no_room_says_how_much_it_needs",
            "tests/core/test_files.py::test_a_failure_at_any_call_leaves_the_old_file_or_the_new_one",
            "tests/session/test_triage_store.py::test_a_full_disk_leaves_the_file_as_it_was",
        ),
        ("trainer_faults",),
        (
            *_FAILED_CALLS,
            Measured("runs that say why", "trainer_faults", ("failed_runs_that_say_why",)),
            Measured("failures that cost nothing", "trainer_faults", ("failures_that_cost_nothing",)),
        ),
    ),
    Promise(
        15,
        "A run that is resumed is not changed",
        (
            "tests/training/test_exact.py",
            "tests/training/test_resume.py",
            "tests/training/test_own_scheduler.py",
            "tests/training/test_processes.py",
            "tests/command_line/test_script_resume.py",
            "tests/app/test_resume_script.py",
            "tests/app/test_end_to_end.py",
        ),
        ("trainer_kills",),
        (
            *_of("trainer_kills", inputs="resumed", altered="0"),
            Measured("files with the bytes and times of before", "trainer_kills", ("files_of_parents_unchanged",)),
        ),
        insists="the bytes and times of all that a resume starts from, in every test of a room that resumes",
    ),
    Promise(
        16,
        "No process is left behind",
        (
            "tests/jobs/test_trainers.py::test_grandchildren_are_gone_whether_the_trainer_ends_or_is_stopped",
            "tests/jobs/test_trainers.py::test_a_supervisor_that_is_killed_takes_the_trainer_along_politely",
            "tests/jobs/test_trainers.py::test_workers_that_hear_nothing_are_gone_whichever_of_the_two_is_killed",
            "tests/jobs/test_trainers.py::test_a_window_that_is_killed_stops_the_trainer",
            "tests/jobs/test_trainers.py::test_a_trainer_that_is_to_keep_running_outlives_the_window_and_is_found_again",
            "tests/jobs/test_readers.py::test_readers_end_when_the_window_is_killed",
            "tests/jobs/test_readers.py::test_closing_with_work_under_way_ends_everything_and_delivers_nothing",
            "tests/app/test_nothing_left.py::test_a_closed_window_ends_its_processes",
        ),
        ("trainer_kills", "process_kills"),
        (
            *_of("trainer_kills", faults="kills", orphans="0"),
            *(
                Measured(FAULTS, "process_kills", (f"kills of a {who}",))
                for who in ("window", "guardian", "supervisor", "trainer")
            ),
            *_of("process_kills", orphans="0", found_again="found again", longest_s_until_all_was_gone="longest_s"),
        ),
    ),
    Promise(
        17,
        "Every run that fails says why, and what to do",
        (
            "tests/training/test_ends.py",
            "tests/training/test_failures.py",
            "tests/jobs/test_trainers.py::test_each_ending_has_its_words_in_the_record",
            "tests/jobs/test_trainers.py::test_a_kill_while_memory_ran_out_is_told_from_one_by_hand",
            "tests/jobs/test_process_facts.py::test_an_exit_status_has_words",
        ),
        ("trainer_faults",),
        (*_FAILED_CALLS, Measured("runs that say why", "trainer_faults", ("failed_runs_that_say_why",))),
    ),
    Promise(
        18,
        "Opening and closing leaves nothing behind",
        (
            "tests/app/test_nothing_left.py",
            "tests/jobs/test_readers.py::test_opening_and_closing_50_times_leaves_no_process_and_no_descriptor",
            "tests/jobs/test_trainers.py::test_starting_and_ending_leaves_no_descriptor",
            "tests/app/test_arrivals.py::test_dragging_again_and_again_leaves_no_reader",
        ),
        ("open_close",),
        (
            *_of("open_close", inputs="whole/cycles", warnings="whole/warnings"),
            *(
                Measured(f"more {what}", "open_close", ("whole", "more", what))
                for what in (
                    "descriptors",
                    "threads",
                    "child processes",
                    "top levels",
                    "widgets",
                    "objects of Qt",
                    "timers",
                    "files",
                )
            ),
            Measured("kB more a cycle", "open_close", ("whole", "more_kb_a_cycle")),
            Measured("kB more a cycle of the launcher", "open_close", ("whole", "more_kb_a_cycle_of_the_launcher")),
        ),
    ),
    Promise(
        19,
        "The window stays up and quick",
        (
            "tests/long/test_quick.py::test_the_first_rounds_hold[live_follow]",
            "tests/app/test_hung_share.py",
        ),
        ("live_follow", "changed_files", "soak"),
        (
            *_of("changed_files", faults="changes", crashes="0", hangs="0"),
            Measured(INPUTS, "live_follow", ("all together", "events")),
            Measured("p99 of a turn, ms", "live_follow", ("all together", "turn_wall_ms", "p99")),
            Measured("longest turn, ms", "live_follow", ("all together", "turn_wall_ms", "most")),
            Measured("p99 of a turn of the soak, CPU ms", "soak", ("verdict", "lag_cpu_p99_ms")),
        ),
    ),
)


def stored(folder: Path = RESULTS) -> dict[str, dict[str, Any]]:
    """The stored results by the name of their check."""
    return {path.stem: json.loads(path.read_text()) for path in sorted(folder.glob("*.json"))}


def state_of(promise: Promise, results: Mapping[str, Mapping[str, Any]]) -> str:
    """`met`, `partly met`, or `missing` where nothing tries it.

    It is partly met where something is lacking, a check was not run to its end, or its tests were not counted.
    """
    if not promise.tests and not promise.checks:
        return "missing"
    whole = all(name in results and results[name]["rounds"] >= results[name]["of"] for name in promise.checks)
    passed = not promise.tests or passed_of(promise, results) is not None
    return "met" if whole and passed and not promise.lacks else "partly met"


def passed_of(promise: Promise, results: Mapping[str, Mapping[str, Any]]) -> int | None:
    """How many of its tests passed when they were counted, where none failed; None where they were not."""
    found: int | None = _tests_of(promise, results).get("passed")
    return found


def _tests_of(promise: Promise, results: Mapping[str, Mapping[str, Any]]) -> Mapping[str, Any]:
    found: Mapping[str, Any] = results.get(TESTS_RUN, {}).get("figures", {}).get(str(promise.number), {})
    return found


def figure_of(one: Measured, results: Mapping[str, Mapping[str, Any]]) -> float | None:
    """One figure; None where its check has not come to it yet."""
    if one.check not in results:
        return None
    if not one.path:
        return 0
    value: float | None = reduce(lambda found, key: (found or {}).get(key), one.path, results[one.check]["figures"])
    return value


def row_of(promise: Promise, results: Mapping[str, Mapping[str, Any]]) -> dict[str, float]:
    """What was measured of a promise by column: of its tests and checks the sum, of what is no count the most."""
    row: dict[str, float] = dict(_tests_of(promise, results).get("tried", {}))
    for one in promise.measured:
        value = figure_of(one, results)
        if value is not None:
            is_most = any(word in one.column for word in ("most", "longest", "p99"))
            row[one.column] = max(row.get(one.column, value), value) if is_most else row.get(one.column, 0) + value
    return row


def markdown(results: Mapping[str, Mapping[str, Any]]) -> str:
    """The table of all promises, and below it what tries each."""
    rows = []
    for promise in PROMISES:
        row = row_of(promise, results)
        others = (f"{name} {_number(value)}" for name, value in row.items() if name not in COLUMNS)
        also = "; ".join([*others, *([f"tests insist on {promise.insists}"] if promise.insists else [])])
        counted = [_number(row[column]) if column in row else "" for column in COLUMNS]
        passed = passed_of(promise, results)
        tests = "none" if not promise.tests else "not counted" if passed is None else f"{passed:,} passed"
        rows.append((str(promise.number), promise.says, state_of(promise, results), tests, *counted, also))
    parts = [
        "# The 19 promises",
        _PREFACE,
        table(("", "Promise", "State", "Tests", *(name.capitalize() for name in COLUMNS), "Also"), rows),
    ]
    for promise in PROMISES:
        lines = [*(f"- `{test}`" for test in promise.tests), *(_run_of(name, results) for name in promise.checks)]
        lines += [f"- Lacks: {promise.lacks}"] if promise.lacks else []
        parts += [f"## {promise.number}. {promise.says}: {state_of(promise, results)}", "\n".join(lines)]
    parts += ["## Beside them: the fuzzer", _fuzzed(results)]
    return "\n\n".join(parts) + "\n"


def _fuzzed(results: Mapping[str, Mapping[str, Any]]) -> str:
    """What the search that no promise asks for has come to; each crash of it is mended and a test."""
    lines = [_run_of("fuzz", results)]
    if "fuzz" in results:
        figures = results["fuzz"]["figures"]
        told = (f"{_number(figures[name])} {name.replace('_', ' ')}" for name in ("inputs", "cpu_minutes", "crashes"))
        lines.append(f"- {', '.join(told)}; `tests/artifacts/test_promises_fuzzed.py` holds what it met")
    return "\n".join(lines)


def _run_of(name: str, results: Mapping[str, Mapping[str, Any]]) -> str:
    if name not in results:
        return f"- `{name}`: no result is stored"
    found = results[name]
    return f"- `{name}`: {found['rounds']} of {found['of']} rounds at {found['commit']}, {found['date']}"


def _number(value: float) -> str:
    return f"{value:,}" if isinstance(value, int) else f"{value:,.1f}"


def write() -> str:
    """Store the table, and give it."""
    text = markdown(stored())
    (RESULTS / "promises.md").write_text(text)
    return text
