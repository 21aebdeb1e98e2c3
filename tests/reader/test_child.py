"""A reader at work: whatever a file provokes becomes one sentence, and the reader goes on."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace

import pytest

from inspector.core.errors import WorkCancelled
from inspector.core.outcome import Done, Failed
from inspector.jobs.readers import Launcher, Reader
from inspector.jobs.requests import Lock
from inspector.reader import child, landlock
from tests.reader.processes import COMMAND, answer, wait_until


@pytest.fixture(scope="module")
def launcher() -> Iterator[Launcher]:
    with Launcher(COMMAND) as launcher:
        yield launcher


@pytest.fixture(scope="module")
def reader(launcher: Launcher, tmp_path_factory: pytest.TempPathFactory) -> Reader:
    path = tmp_path_factory.mktemp("run") / "last.h5"
    path.write_text("text")
    return launcher.reader([path])


@pytest.fixture(autouse=True)
def _one_process(reader: Reader) -> Iterator[None]:
    """No failure here may cost the reader its process."""
    before = answer(reader, "pid", int)
    yield
    assert answer(reader, "pid", int) == before


def test_a_cancel_is_looked_for_a_hundred_times_a_second_and_no_oftener(monkeypatch):
    clock = SimpleNamespace(now_s=5.0)
    monkeypatch.setattr(child, "time", SimpleNamespace(monotonic=lambda: clock.now_s))
    looks: list[float] = []
    said: list = []
    inbox = SimpleNamespace(
        channel=SimpleNamespace(send=said.append),
        cancelled=lambda _request: looks.append(clock.now_s) or len(looks) == 3,
    )
    pulse = child._pulse(inbox, 1)
    for clock.now_s in (5.0, 5.004, 5.008, 5.012, 5.016, 5.02):
        pulse.beat()
    clock.now_s = 5.03
    for _ in range(2):
        with pytest.raises(WorkCancelled):
            pulse.beat()
    assert (looks, len(said)) == ([5.0, 5.012, 5.03], 1)


def test_an_error_of_ours_is_told_in_its_own_words(reader):
    assert answer(reader, "damaged") == Failed("last.h5: expected an index, found nothing")


def test_an_error_that_nobody_expected_names_the_file_and_what_was_asked(reader):
    outcome = answer(reader, "surprise")
    assert outcome.sentence == (
        "last.h5: reading failed in a way that Run Inspector did not expect (KeyError: 'missing')"
    )
    assert outcome.detail.startswith("Traceback")
    assert "in surprise" in outcome.detail


def test_a_message_of_any_length_is_cut(reader):
    outcome = answer(reader, "shout", count=5_000_000)
    assert len(outcome.sentence) < 1000
    assert len(outcome.detail) == 20_000


def test_an_endless_descent_is_told(reader):
    outcome = answer(reader, "nested")
    assert outcome.sentence == "last.h5: descending met values that are nested too deeply"


def test_memory_beyond_the_limit_is_told_and_given_back(reader):
    assert answer(reader, "bomb", int, count=3 << 30).sentence == (
        "last.h5: unpacking needs more memory than a reader may use (2.1 GB)"
    )
    assert answer(reader, "bomb", int, count=100 << 20) == Done(1)


def test_work_between_requests_begins_after_the_answer_and_stops_before_the_next(reader):
    assert answer(reader, "spare", list[str]) == Done([])
    assert answer(reader, "spare", list[str]) == Done(["begun", "stopped"])
    answer(reader, "pid", int)
    assert answer(reader, "spare", list[str]) == Done(["begun", "stopped"] * 2)


def test_what_is_likely_to_come_next_is_prepared_while_a_reader_waits(reader):
    for shown, expected in ((3, [4]), (2, [4, 1]), (-1, [4, 1, -4])):
        answer(reader, "follow", count=shown)
        # A request that comes too soon has it put off until after its answer.
        wait_until(reader.launcher, lambda wanted=expected: answer(reader, "prepared", list[int]) == Done(wanted))
    assert answer(reader, "prepared", list[int]) == Done([4, 1, -4])


def test_a_value_that_cannot_be_sent_is_told(reader):
    assert "object cannot be sent" in answer(reader, "unsendable").sentence


def test_a_result_beyond_the_limit_is_told(reader):
    assert "larger than" in answer(reader, "long_text", count=65 << 20).sentence


@pytest.mark.skipif(landlock.abi() == 0, reason="this kernel has no Landlock")
def test_another_file_stays_shut(reader):
    outcome = answer(reader, "other_file", text=__file__)
    assert outcome.sentence == "last.h5: reading another file failed (Permission denied)"


def test_a_request_that_no_reader_knows_is_refused(reader):
    assert answer(reader, "no such thing").sentence == "a reader cannot answer 'no such thing'"


def test_a_request_whose_body_does_not_fit_is_refused(reader):
    assert "did not expect (ValidationError" in answer(reader, "echo", text=17).sentence


@pytest.mark.skipif(landlock.abi() == 0, reason="this kernel has no Landlock")
def test_the_lock_is_full(reader):
    sentence = "Files are read in a locked process that can open nothing else"
    assert answer(reader, "lock", Lock) == Done(Lock(full=True, sentence=sentence))


def test_a_reader_holds_only_its_socket_its_three_streams_and_what_tells_its_memory(reader):
    pid = answer(reader, "pid", int).value
    links = {path.name: str(path.readlink()) for path in Path(f"/proc/{pid}/fd").iterdir()}
    assert links.pop("0") == "/dev/null"
    assert links.pop("1").startswith("pipe:")
    assert links.pop("2").startswith("pipe:")
    assert [link.partition(":")[0] for link in links.values()] == ["socket", f"/proc/{pid}/statm"]


def test_launcher_and_reader_keep_to_one_thread(launcher, reader):
    for pid in (launcher.pid, answer(reader, "pid", int).value):
        assert len(list(Path(f"/proc/{pid}/task").iterdir())) == 1


def test_a_reader_is_bounded(reader):
    pid = answer(reader, "pid", int).value
    lines = Path(f"/proc/{pid}/limits").read_text().splitlines()
    soft = {line[:26].strip(): line[26:].split()[0] for line in lines[1:]}
    hard = {line[:26].strip(): line[26:].split()[1] for line in lines[1:]}
    assert soft["Max core file size"] == hard["Max core file size"] == "0"
    assert soft["Max file size"] == hard["Max file size"] == str(2 << 30)
    assert soft["Max open files"] == hard["Max open files"] == "256"
    assert 2 << 30 < int(soft["Max address space"]) == int(hard["Max address space"]) < 4 << 30
    assert 0 < int(soft["Max cpu time"]) < 60


def test_a_reader_of_a_launcher_that_is_already_gone_does_not_start():
    program = (
        "import os\n"
        "from inspector.reader.lock import die_with_parent\n"
        "die_with_parent(os.getpid())\n"  # not our parent: it must have died
        "print('went on')\n"
    )
    done = subprocess.run([sys.executable, "-I", "-c", program], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (0, "")
