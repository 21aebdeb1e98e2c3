"""Requests to real reader processes: hung, killed, cancelled, superseded, they all end, and nothing is left behind."""

from __future__ import annotations

import os
import resource
import signal
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import msgspec
import numpy as np
import pytest

from inspector.core.arrays import AnyArray, IntArray
from inspector.core.outcome import Cancelled, Done, Failed
from inspector.formats.role_corrections import FileCorrections
from inspector.jobs.bounds import Limits
from inspector.jobs.children import start_launcher
from inspector.jobs.descendants import descendants
from inspector.jobs.readers import Launcher, Reader, answered
from tests.reader.processes import BOUND_S, COMMAND, answer, open_descriptors, wait_gone, wait_until


class Arrays(msgspec.Struct, frozen=True):
    ramp: IntArray
    none: AnyArray


@pytest.fixture(scope="module")
def launcher() -> Iterator[Launcher]:
    with Launcher(COMMAND, silent_for_s=BOUND_S) as launcher:
        yield launcher
        below = descendants(launcher.pid)
    wait_gone(*below)


@pytest.fixture
def reader(launcher: Launcher, tmp_path: Path) -> Iterator[Reader]:
    path = tmp_path / "last.h5"
    path.write_text("what is in it")
    reader = launcher.reader([path])
    yield reader
    reader.close()


def test_a_reader_reads_the_file_it_was_given(reader):
    assert answer(reader, "first_line") == Done("what is in it")


def test_a_relative_path_means_what_it_meant_when_it_was_opened(launcher, tmp_path, monkeypatch):
    (tmp_path / "here.txt").write_text("here")
    monkeypatch.chdir(tmp_path)
    reader = launcher.reader(["here.txt"])
    monkeypatch.chdir("/")
    assert answer(reader, "first_line") == Done("here")
    reader.close()


def test_arrays_arrive_in_shared_memory(reader):
    outcome = answer(reader, "arrays", Arrays, count=100_000)
    np.testing.assert_array_equal(outcome.value.ramp, np.arange(100_000))
    assert outcome.value.none.shape == (0, 3)


def test_a_command_line_waits_for_one_answer(reader):
    assert answered(reader, "echo", {"text": "hello"}, str) == Done("hello")


def test_a_cancelled_request_stops_at_its_next_beat_and_the_reader_lives(launcher, reader):
    before = answer(reader, "pid", int).value
    outcomes: list = []
    started: list = []
    ticket = reader.ask("beating", {"count": 3_600_000}, int, outcomes.append, started.append)
    wait_until(launcher, lambda: started)
    ticket.cancel()
    wait_until(launcher, lambda: outcomes)
    assert outcomes == [Cancelled()]
    assert answer(reader, "echo", text="next") == Done("next")
    # On a machine too busy to obey in 200 ms it is replaced; what matters is that it never beats on.
    assert answer(reader, "pid", int).value == before or not Path(f"/proc/{before}").exists()


def test_a_reader_that_ignores_a_cancel_is_replaced(launcher, reader):
    before = answer(reader, "pid", int).value
    outcomes: list = []
    ticket = reader.ask("deaf", {}, str, outcomes.append)
    ticket.cancel()
    wait_until(launcher, lambda: outcomes)
    assert outcomes == [Cancelled()]
    after = answer(reader, "pid", int).value
    assert after != before


def test_of_200_superseding_requests_only_the_last_is_done(launcher, reader):
    outcomes: dict[int, list] = {number: [] for number in range(200)}
    for number in range(200):
        reader.ask("echo", {"text": str(number)}, str, outcomes[number].append, supersedes="view")
        if number % 7 == 0:
            launcher.on_readable()
    wait_until(launcher, lambda: outcomes[199])
    for _ in range(20):
        launcher.on_readable()
    assert [len(got) for got in outcomes.values()] == [1] * 200
    assert outcomes[199] == [Done("199")]
    others = [got[0] for number, got in outcomes.items() if number < 199]
    assert all(isinstance(other, Cancelled | Done) for other in others)
    # Turning the pump in between lets an early one through now and then, never one after another was asked.
    assert sum(isinstance(other, Cancelled) for other in others) >= 170


def test_200_requests_asked_at_once_leave_exactly_one_done(launcher, reader):
    outcomes: list = []
    for number in range(200):
        reader.ask("echo", {"text": str(number)}, str, outcomes.append, supersedes="view")
    wait_until(launcher, lambda: len(outcomes) == 200)
    assert outcomes[:199] == [Cancelled()] * 199
    assert outcomes[199] == Done("199")


def test_a_reader_killed_in_the_middle_of_a_request_is_told_and_replaced(launcher, reader):
    outcomes: list = []
    started: list = []
    reader.ask("beating", {"count": 3_600_000}, int, outcomes.append, started.append)
    wait_until(launcher, lambda: started)
    os.kill(reader.pid, signal.SIGKILL)
    wait_until(launcher, lambda: outcomes)
    assert outcomes == [
        Failed("last.h5: its reader ended by SIGKILL while reading; the window is fine, open it again to retry")
    ]
    assert answer(reader, "first_line") == Done("what is in it")


def test_a_crash_in_a_library_is_told_with_where_it_was(reader):
    outcome = answer(reader, "crash")
    assert outcome.sentence.startswith("last.h5: its reader ended by SIGSEGV while reading")
    assert "in crash" in outcome.detail
    assert answer(reader, "echo", text="next") == Done("next")


def test_a_reader_that_uses_up_its_processor_time_is_told_and_replaced(reader):
    outcome = answer(reader, "spin")
    assert "its processor time was used up" in outcome.sentence
    assert answer(reader, "echo", text="next") == Done("next")


def test_processor_time_is_granted_anew_for_each_request(reader):
    before = answer(reader, "pid", int).value
    for _ in range(4):
        assert answer(reader, "burn", int, count=700) == Done(700)
    assert answer(reader, "pid", int).value == before


def test_a_hung_reader_is_replaced_after_its_silence(tmp_path):
    with Launcher(COMMAND, silent_for_s=0.5) as launcher:
        reader = launcher.reader([tmp_path])
        outcome = answer(reader, "deaf")
        assert "gave no sign of life for 0.5 s" in outcome.sentence
        assert answer(reader, "echo", text="next") == Done("next")


def test_progress_keeps_a_long_request_alive(tmp_path):
    with Launcher(COMMAND, silent_for_s=1.0) as launcher:
        assert isinstance(answer(launcher.reader([tmp_path]), "beating", int, count=2500), Done)


def test_progress_comes_at_most_ten_times_a_second(launcher, reader):
    outcomes: list = []
    progress: list = []
    reader.ask("beating", {"count": 1000}, int, outcomes.append, progress.append)
    wait_until(launcher, lambda: outcomes)
    assert outcomes[0].value > 100  # it beat far more often
    assert 1 <= len(progress) <= 11


def test_a_memory_bomb_stays_within_the_limit(tmp_path):
    with Launcher(COMMAND, limits=Limits(memory_bytes=256 << 20)) as launcher:
        reader = launcher.reader([tmp_path / "bomb.h5"])
        assert answer(reader, "bomb", int, count=64 << 20) == Done(1)
        outcome = answer(reader, "bomb", int, count=512 << 20)
        assert outcome.sentence == "bomb.h5: unpacking needs more memory than a reader may use (268.4 MB)"
        assert answer(reader, "echo", text="next") == Done("next")


def test_a_replaced_file_is_read_anew(reader):
    path = Path(reader.paths[0])
    before = answer(reader, "pid", int).value
    fresh = path.with_name("fresh")
    fresh.write_text("what is in it now")
    fresh.replace(path)
    assert answer(reader, "first_line") == Done("what is in it now")
    assert answer(reader, "pid", int).value != before


def test_a_file_that_appears_later_is_read(launcher, tmp_path):
    path = tmp_path / "late.txt"
    reader = launcher.reader([path])
    assert isinstance(answer(reader, "first_line"), Failed)
    path.write_text("here")
    assert answer(reader, "first_line") == Done("here")
    reader.close()


def test_a_file_that_only_grows_keeps_its_reader(reader):
    before = answer(reader, "pid", int).value
    with Path(reader.paths[0]).open("a") as stream:
        stream.write(" and more")
    assert answer(reader, "first_line") == Done("what is in it and more")
    assert answer(reader, "pid", int).value == before


def test_a_launcher_that_is_killed_is_told_and_started_again(tmp_path):
    begun = start_launcher(COMMAND)
    with Launcher(COMMAND, started=begun) as launcher:
        readers = [launcher.reader([tmp_path / f"{name}.pt"]) for name in "ab"]
        outcomes: list = []
        started: list = []
        for reader in readers:
            reader.ask("beating", {"count": 3_600_000}, int, outcomes.append, started.append)
        wait_until(launcher, lambda: len(started) >= 2 and all(reader.pid for reader in readers))
        pids = [reader.pid for reader in readers]
        first = launcher.pid
        assert first == begun[0].pid
        os.kill(first, signal.SIGKILL)
        wait_until(launcher, lambda: len(outcomes) == 2)
        assert sorted(outcome.sentence[:4] for outcome in outcomes) == ["a.pt", "b.pt"]
        assert all("process that starts readers ended by SIGKILL" in outcome.sentence for outcome in outcomes)
        assert [answer(reader, "echo", text="next") for reader in readers] == [Done("next")] * 2
        assert launcher.pid != first
        wait_gone(*pids)


@pytest.mark.parametrize(
    ("program", "sentence"),
    [
        ("raise SystemExit(3)", "the process that starts readers ended with exit code 3"),
        ("import os; os.abort()", "the process that starts readers ended by SIGABRT"),
    ],
)
def test_a_launcher_that_cannot_start_fails_every_request_in_words(program, sentence, tmp_path):
    with Launcher([sys.executable, "-I", "-c", program]) as launcher:
        reader = launcher.reader([tmp_path])
        outcomes: list = []
        for _ in range(3):
            reader.ask("echo", {}, str, outcomes.append)
        wait_until(launcher, lambda: len(outcomes) == 3)
        assert all(sentence in outcome.sentence for outcome in outcomes)


def test_a_program_that_is_not_there_fails_the_request_in_words(tmp_path):
    with Launcher([str(tmp_path / "nothing")]) as launcher:
        assert "No such file" in answer(launcher.reader([tmp_path]), "echo").sentence


def test_a_launcher_that_lacks_a_module_says_which(tmp_path):
    broken = tmp_path / "broken.py"
    broken.write_text(
        "import sys\n"
        "from inspector.reader import __main__ as program\n"
        "def fail(): import no_such_module\n"
        "program.load_all = fail\n"
        "sys.exit(program.main(sys.argv[1:]))\n"
    )
    with Launcher([sys.executable, "-I", str(broken)]) as launcher:
        outcome = answer(launcher.reader([tmp_path]), "echo")
        assert outcome.sentence == (
            "Reading files does not work in this installation (No module named 'no_such_module')"
        )
        assert "Traceback" in outcome.detail


def test_opening_and_closing_50_times_leaves_no_process_and_no_descriptor(launcher, tmp_path):
    keeper = launcher.reader([tmp_path])
    answer(keeper, "echo", text="warm")
    descriptors = open_descriptors()
    forked = len(descendants(launcher.pid))
    of_launcher = open_descriptors(launcher.pid)
    for _ in range(50):
        reader = launcher.reader([tmp_path])
        assert len(answer(reader, "arrays", Arrays, count=1000).value.ramp) == 1000
        reader.close()
    answer(keeper, "echo", text="all heard")
    wait_until(launcher, lambda: len(descendants(launcher.pid)) <= forked)
    wait_until(launcher, lambda: open_descriptors(launcher.pid) <= of_launcher)
    assert open_descriptors() <= descriptors  # of earlier tests, some may close meanwhile
    keeper.close()


def test_a_reader_that_no_descriptor_is_left_for_is_told_and_the_others_read_on(launcher, reader, tmp_path):
    before = answer(reader, "pid", int).value
    held = open_descriptors(launcher.pid)
    usual = resource.prlimit(launcher.pid, resource.RLIMIT_NOFILE)
    resource.prlimit(launcher.pid, resource.RLIMIT_NOFILE, (held + 32, usual[1]))  # 16 of them it keeps spare
    try:
        burst = [launcher.reader([tmp_path / f"{number}.h5"]) for number in range(30)]
        outcomes: list = []
        for one in burst:
            one.ask("echo", {"text": ""}, str, outcomes.append)
        wait_until(launcher, lambda: len(outcomes) == 30)
        refused = [outcome.sentence for outcome in outcomes if isinstance(outcome, Failed)]
        assert 15 < len(refused) < 30
        assert all("could not be started (Too many open files)" in sentence for sentence in refused)
        assert answer(reader, "pid", int).value == before
        for one in burst:
            one.close()
        until = time.monotonic() + BOUND_S
        while open_descriptors(launcher.pid) > held:
            assert time.monotonic() < until, "descriptors of readers that were closed stay"
            time.sleep(0.01)
        later = launcher.reader([tmp_path / "later.h5"])
        assert answer(later, "echo", text="again") == Done("again")
        later.close()
    finally:
        resource.prlimit(launcher.pid, resource.RLIMIT_NOFILE, usual)


def test_an_order_that_the_launchers_socket_takes_in_parts_is_followed(launcher, tmp_path):
    launcher.role_corrections = (FileCorrections(pattern="x" * (1 << 20), corrections=()),)
    try:
        reader = launcher.reader([tmp_path])
        assert answer(reader, "echo", text="here") == Done("here")
        reader.close()
    finally:
        launcher.role_corrections = ()


def test_closing_with_work_under_way_ends_everything_and_delivers_nothing(tmp_path):
    outcomes: list = []
    launcher = Launcher(COMMAND)
    readers = [launcher.reader([tmp_path]) for _ in range(3)]
    started: list = []
    for reader in readers:
        reader.ask("beating", {"count": 3_600_000}, int, outcomes.append, started.append)
        reader.ask("echo", {}, str, outcomes.append)
    wait_until(launcher, lambda: len({reader.pid for reader in readers if reader.pid}) == 3)
    pids = [launcher.pid, *(reader.pid for reader in readers)]
    launcher.close()
    wait_gone(*pids)
    assert outcomes == []


def test_readers_end_when_the_window_is_killed(tmp_path):
    window = tmp_path / "window.py"
    window.write_text(
        "import sys, time\n"
        f"sys.path.insert(0, {str(Path(__file__).parents[2])!r})\n"
        "from tests.reader.processes import COMMAND, wait_until\n"
        "from inspector.jobs.readers import Launcher\n"
        "launcher = Launcher(COMMAND)\n"
        "reader = launcher.reader(['/'])\n"
        "started = []\n"
        "reader.ask('deaf', {}, str, print)\n"
        "wait_until(launcher, lambda: reader.pid)\n"
        "print(launcher.pid, reader.pid, flush=True)\n"
        "time.sleep(3600)\n"
    )
    import subprocess

    with subprocess.Popen([sys.executable, str(window)], stdout=subprocess.PIPE, text=True) as process:
        pids = [int(word) for word in process.stdout.readline().split()]
        assert len(pids) == 2
        process.kill()
    wait_gone(*pids)
