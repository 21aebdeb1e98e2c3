"""A trainer under its supervisor: stopped, killed, orphaned, out of memory, it ends whole and says why."""

from __future__ import annotations

import gc
import os
import pty
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import msgspec
import pytest

from inspector.formats.control import control_line
from inspector.formats.run_folder import Alive, RunRecord
from inspector.jobs import supervisor, trainers
from inspector.jobs.children import child_command
from inspector.jobs.descendants import descendants
from inspector.jobs.endings import ProcessEnd
from inspector.jobs.trainers import TrainerHandle, attach, start
from tests.reader.processes import BOUND_S, alive, wait_gone

OBEDIENT = """
import pathlib, signal, sys, time
run = pathlib.Path(sys.argv[1])
def stop(*_):
    (run / "last").write_text("saved")
    sys.exit(0)
signal.signal(signal.SIGTERM, stop)
(run / "begun").write_text("")
time.sleep(3600)
"""

DEAF = """
import pathlib, signal, sys, time
signal.signal(signal.SIGTERM, signal.SIG_IGN)
pathlib.Path(sys.argv[1], "begun").write_text("")
time.sleep(3600)
"""

# Two children: one in the trainer's group, one that has left it for a session of its own; both outlive their parent.
WITH_CHILDREN = """
import pathlib, subprocess, sys, time
run = pathlib.Path(sys.argv[1])
sleep = [sys.executable, "-I", "-c", "import signal, time; signal.signal(15, signal.SIG_IGN); time.sleep(3600)"]
pids = [subprocess.Popen(sleep, start_new_session=away).pid for away in (False, True)]
(run / "children").write_text(" ".join(map(str, pids)))
(run / "begun").write_text("")
time.sleep(float(sys.argv[2]))
"""

# Leaves an orphan that ends while its trainer goes on.
WITH_AN_ORPHAN = """
import os, pathlib, sys, time
child = os.fork()
if child == 0:
    orphan = os.fork()
    if orphan == 0:
        os._exit(0)
    pathlib.Path(sys.argv[1], "orphan").write_text(str(orphan))
    os._exit(0)
os.waitpid(child, 0)
pathlib.Path(sys.argv[1], "begun").write_text("")
time.sleep(3600)
"""

# A supervisor whose guardian is killed before it hears any signal.
UNGUARDED_AT_ONCE = """
import os, pathlib, select, signal, sys
from inspector.jobs.guardian import guarded
from inspector.jobs.signals import heard_signals

def supervise(begun):
    gone = os.pidfd_open(os.getppid())
    os.kill(os.getppid(), signal.SIGKILL)
    select.select([gone], [], [])
    heard = heard_signals([signal.SIGTERM])
    begun(os.getpid())
    came = select.select([heard], [], [], float(sys.argv[2]))[0]
    pathlib.Path(sys.argv[1]).write_text(str(list(heard.recv(8)) if came else "nothing came"))
    return 0

guarded(supervise, print, 1.0)
"""

# A supervisor that has told how its trainer ended, and leaves a process that it could not end.
TOLD = """
import os, sys, time
from inspector.jobs.guardian import guarded

def supervise(begun):
    begun(os.getpid())
    if os.fork() == 0:
        time.sleep(3600)
    print("told", flush=True)
    return 0

sys.exit(guarded(supervise, print, 1.0))
"""


@pytest.fixture
def run(tmp_path: Path) -> Path:
    """A run folder whose record says that it runs."""
    folder = tmp_path / "my run"
    folder.mkdir()
    record = RunRecord(id="1", name="my run", recipe="slots", seed=0, host="here", started=1.0)
    (folder / "run.json").write_bytes(msgspec.json.encode(record))
    return folder


@pytest.fixture
def begun(run: Path) -> Iterator[Callable[..., TrainerHandle]]:
    """Starts a trainer and waits until it is at work; all are gone after the test."""
    handles: list[TrainerHandle] = []

    def begin(program: str, *arguments: str, keep_running: bool = False) -> TrainerHandle:
        handle = start([sys.executable, "-I", "-c", program, str(run), *arguments], run, keep_running=keep_running)
        handles.append(handle)
        wait_for(lambda: (run / "begun").exists() or handle.poll())
        return handle

    yield begin
    for handle in handles:
        handle.stop()
        handle.stop()
        assert handle.wait(BOUND_S) is not None
        handle.close()


def wait_for(reached: Callable[[], object]) -> None:
    until = time.monotonic() + BOUND_S
    while not reached():
        assert time.monotonic() < until, "it never came"
        time.sleep(0.01)


def record_of(run: Path) -> RunRecord:
    return msgspec.json.decode((run / "run.json").read_bytes(), type=RunRecord)


def alive_of(run: Path) -> Alive:
    return msgspec.json.decode((run / "alive.json").read_bytes(), type=Alive)


def test_a_trainer_that_ends_by_itself_has_finished(run, begun):
    end = begun("print('done')").wait(BOUND_S)
    assert (end.returncode, end.sentence()) == (0, "The trainer finished")
    assert record_of(run).status == "finished"
    assert not (run / "alive.json").exists()


def test_a_trainer_that_told_its_own_end_is_not_contradicted(run, begun):
    program = (
        "import json, pathlib, sys\n"
        "path = pathlib.Path(sys.argv[1], 'run.json')\n"
        "path.write_text(json.dumps(json.loads(path.read_text()) | {'status': 'failed', 'reason': 'my own words'}))\n"
        "sys.exit(1)"
    )
    begun(program).wait(BOUND_S)
    assert (record_of(run).status, record_of(run).reason) == ("failed", "my own words")


def test_a_stop_lets_the_trainer_save_and_end(run, begun):
    handle = begun(OBEDIENT)
    handle.stop()
    end = handle.wait(BOUND_S)
    assert (run / "last").read_text() == "saved"
    assert end.sentence() == "The trainer stopped as asked"
    assert (record_of(run).status, record_of(run).reason) == ("stopped", "The trainer stopped as asked")
    assert record_of(run).ended > record_of(run).started


def test_a_trainer_that_ignores_the_stop_is_ended_by_force_when_asked_again(run, begun):
    handle = begun(DEAF)
    handle.stop()
    assert handle.wait(0.3) is None
    handle.stop()
    end = handle.wait(BOUND_S)
    assert end.returncode == -signal.SIGKILL
    assert end.sentence() == "The trainer was ended at once, as asked"
    assert record_of(run).status == "failed"


def test_a_trainer_that_is_not_to_save_is_ended_at_once(run, begun):
    handle = begun(
        OBEDIENT.replace("signal.signal(signal.SIGTERM, stop)", "signal.signal(signal.SIGTERM, lambda *_: 0)")
    )
    handle.kill()
    end = handle.wait(BOUND_S)
    assert (end.asked, end.killed) == (True, True)
    assert not (run / "last").exists()
    assert record_of(run).reason == "The trainer was ended at once, as asked"


def test_commands_to_a_trainer_are_whole_lines_one_after_the_other(run):
    trainers.send(run, control_line("pause"))
    trainers.send(run, control_line("edit", path="optim.clip_norm", value=float("inf")))
    lines = (run / "control.jsonl").read_text().splitlines()
    assert lines == ['{"command":"pause"}', '{"command":"edit","path":"optim.clip_norm","value":"Infinity"}']


def test_a_trainer_that_ignores_the_stop_is_ended_by_force_after_the_grace(run):
    command = child_command("supervisor", "--run", str(run), "--grace", "0.3", "--")
    with subprocess.Popen([*command, sys.executable, "-I", "-c", DEAF, str(run)]) as process:
        wait_for((run / "begun").exists)
        process.send_signal(signal.SIGTERM)
        assert process.wait(BOUND_S) == 128 + signal.SIGKILL
    assert record_of(run).reason == "The trainer did not stop when asked and was ended by force"


@pytest.mark.parametrize("seconds", ["0", "3600"])
def test_grandchildren_are_gone_whether_the_trainer_ends_or_is_stopped(run, begun, seconds):
    handle = begun(WITH_CHILDREN, seconds)
    wait_for((run / "children").exists)
    children = [int(word) for word in (run / "children").read_text().split()]
    if seconds != "0":
        assert all(alive(pid) for pid in children)
        handle.stop()
    assert handle.wait(BOUND_S) is not None
    wait_gone(*children)


def test_a_trainer_that_is_killed_is_called_so(run, begun):
    program = "import os, pathlib, sys; pathlib.Path(sys.argv[1], 'begun').touch(); os.kill(os.getpid(), 9)"
    end = begun(program).wait(BOUND_S)
    assert (end.returncode, end.asked, end.killed) == (-signal.SIGKILL, False, False)
    assert end.sentence() == "The trainer ended by SIGKILL"
    assert record_of(run).reason == "The trainer ended by SIGKILL"


def test_a_trainer_that_fails_leaves_its_last_words_in_the_log_and_the_reason(run, begun):
    (run / "train.log").write_text("Epoch 1/10\nalready there\n")
    program = "import sys; print('already there', file=sys.stderr); raise RuntimeError('no such scene')"
    end = begun(program).wait(BOUND_S)
    assert end.returncode == 1
    assert end.sentence() == "The trainer ended with exit code 1: RuntimeError: no such scene"
    assert record_of(run).reason == end.sentence()
    log = (run / "train.log").read_text()
    assert log.startswith("Epoch 1/10\nalready there\nTraceback")
    assert log.count("already there\n") == 1
    assert log.endswith("RuntimeError: no such scene\n")


def test_only_the_last_200_lines_are_kept(run, begun):
    begun("import sys; [print(f'line {n}', file=sys.stderr) for n in range(1000)]; sys.exit(1)").wait(BOUND_S)
    assert (run / "train.log").read_text().splitlines() == [f"line {n}" for n in range(800, 1000)]


def test_a_program_that_is_not_there_is_told(tmp_path):
    handle = start([str(tmp_path / "no-such-trainer")], tmp_path / "run", keep_running=False)
    end = handle.wait(BOUND_S)
    assert end.returncode is None
    assert end.sentence() == "The trainer could not be started: no-such-trainer: No such file or directory"


def test_a_run_that_is_there_before_its_script_starts_says_that_it_did_not(run, tmp_path):
    handle = start([str(tmp_path / "no-such-script")], run, keep_running=False, script_folder=tmp_path)
    end = handle.wait(BOUND_S)
    assert (record_of(run).status, record_of(run).reason) == ("failed", end.sentence())
    assert "no-such-script" in end.sentence()


def test_the_supervisor_says_that_it_lives(run, begun):
    handle = begun(OBEDIENT)
    wait_for((run / "alive.json").exists)
    first = alive_of(run)
    assert first.pid == handle.pid
    assert first.started <= first.heartbeat <= time.time()
    wait_for(lambda: alive_of(run).heartbeat > first.heartbeat)
    assert alive_of(run).started == first.started


def test_a_run_folder_that_the_trainer_makes_later_is_not_made_for_it(tmp_path):
    run = tmp_path / "later"
    program = "import pathlib, sys; pathlib.Path(sys.argv[1]).mkdir()"
    end = start([sys.executable, "-I", "-c", program, str(run)], run, keep_running=False).wait(BOUND_S)
    assert end.sentence() == "The trainer finished"


def test_a_supervisor_that_is_killed_takes_the_trainer_along_politely(run, begun):
    handle = begun(OBEDIENT)
    os.kill(descendants(handle.pid)[0], signal.SIGKILL)
    end = handle.wait(BOUND_S)
    assert end.sentence() == "The process that watched the trainer ended by SIGKILL, so the trainer was asked to stop"
    assert (run / "last").exists(), "it is waited for"
    assert (record_of(run).status, record_of(run).reason) == ("failed", end.sentence())
    assert not (run / "alive.json").exists()


def test_a_guardian_that_is_killed_takes_the_trainer_along_politely(run, begun):
    handle = begun(OBEDIENT)
    os.kill(handle.pid, signal.SIGKILL)
    assert handle.wait(BOUND_S).sentence() == "The trainer stopped as asked"
    assert (run / "last").exists()


def test_a_supervisor_whose_guardian_is_killed_before_it_listens_is_told_all_the_same(tmp_path):
    said = tmp_path / "said"
    command = [sys.executable, "-c", UNGUARDED_AT_ONCE, str(said), str(BOUND_S)]
    # The pipe is open until the supervisor, too, has ended.
    done = subprocess.run(command, stdout=subprocess.PIPE, check=False)
    assert (done.returncode, said.read_text()) == (-signal.SIGKILL, str([int(signal.SIGTERM)]))


def test_how_a_trainer_ended_is_told_once_though_something_of_it_is_left():
    done = subprocess.run([sys.executable, "-c", TOLD], stdout=subprocess.PIPE, text=True, check=False)
    assert (done.returncode, done.stdout) == (0, "told\n")


def test_a_script_gets_nothing_of_the_windows_though_the_same_python_runs_it(run, tmp_path, monkeypatch):
    monkeypatch.setenv("QT_PLUGIN_PATH", "/ours")
    script = [sys.executable, "-c", "import os; print(sorted(name for name in os.environ if name.startswith('QT_')))"]
    assert start(script, run, keep_running=False, script_folder=tmp_path).wait(BOUND_S).well
    assert (run / "train.log").read_text() == "[]\n"


def test_an_orphan_that_ends_while_its_trainer_goes_on_stays_no_zombie(run, begun):
    begun(WITH_AN_ORPHAN)
    orphan = int((run / "orphan").read_text())
    wait_for(lambda: not Path(f"/proc/{orphan}").exists())


@pytest.mark.parametrize("killed", ["guardian", "supervisor"])
def test_workers_that_hear_nothing_are_gone_whichever_of_the_two_is_killed(run, begun, killed):
    handle = begun(WITH_CHILDREN, "3600")
    supervisor_pid, trainer, *workers = descendants(handle.pid)
    assert len(workers) == 2
    os.kill(handle.pid if killed == "guardian" else supervisor_pid, signal.SIGKILL)
    assert handle.wait(BOUND_S) is not None
    wait_gone(handle.pid, supervisor_pid, trainer, *workers)


def test_a_trainer_that_hears_nothing_ends_with_its_killed_supervisor_when_it_is_to_stop(run, begun):
    handle = begun(DEAF)
    supervisor_pid, trainer = descendants(handle.pid)
    os.kill(supervisor_pid, signal.SIGKILL)
    assert handle.wait(0.3) is None
    handle.stop()
    assert handle.wait(BOUND_S) is not None
    wait_gone(trainer)


def test_ctrl_c_in_a_terminal_asks_once(run):
    pid, terminal = pty.fork()
    if pid == 0:
        command = child_command("supervisor", "--run", str(run), "--", sys.executable, "-c", OBEDIENT, str(run))
        os.execv(command[0], command)
    try:
        wait_for((run / "begun").exists)
        os.write(terminal, b"\x03")
        wait_for(lambda: record_of(run).status != "running")
        assert os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == 0
    finally:
        os.close(terminal)
    assert (run / "last").read_text() == "saved"
    assert record_of(run).reason == "The trainer stopped as asked"


WINDOW = """
import sys, time
from pathlib import Path
from inspector.jobs.trainers import start
run = Path(sys.argv[1])
handle = start([sys.executable, "-I", "-c", sys.argv[2], str(run)], run, keep_running=sys.argv[3] == "keep")
print(handle.pid, flush=True)
time.sleep(3600)
"""


def killed_window(run: Path, program: str, choice: str) -> int:
    """Start a trainer from a window, kill the window, and give the supervisor's pid."""
    command = [sys.executable, "-I", "-c", WINDOW, str(run), program, choice]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as window:
        pid = int(window.stdout.readline())
        wait_for((run / "begun").exists)
        wait_for((run / "alive.json").exists)
        window.kill()
    return pid


def test_a_window_that_is_killed_stops_the_trainer(run):
    pid = killed_window(run, OBEDIENT, "stop")
    wait_gone(pid)
    assert (run / "last").read_text() == "saved"
    assert record_of(run).status == "stopped"


def test_a_trainer_that_is_to_keep_running_outlives_the_window_and_is_found_again(run):
    pid = killed_window(run, OBEDIENT, "keep")
    assert alive(pid)
    handle = attach(run)
    assert handle is not None
    assert handle.pid == pid
    assert handle.poll() is None
    handle.stop()
    end = handle.wait(BOUND_S)
    assert end.sentence() == "The trainer stopped as asked"
    assert (run / "last").read_text() == "saved"
    assert attach(run) is None


def test_another_process_with_the_number_of_a_dead_supervisor_is_left_alone(run):
    (run / "alive.json").write_bytes(msgspec.json.encode(Alive(pid=os.getpid(), started=1.0, heartbeat=2.0)))
    assert attach(run) is None
    for damage in (b"{", b'{"pid": "\xff"}'):
        (run / "alive.json").write_bytes(damage)
        assert attach(run) is None


REFUSED = "import sys; print('it is already a run', file=sys.stderr); sys.exit(2)"
"""As the trainer ends that was to make a run where there is something."""


def test_a_trainer_that_is_refused_a_folder_leaves_the_run_in_it_as_it_is(run, begun):
    first = begun(OBEDIENT)
    wait_for((run / "alive.json").exists)
    before = record_of(run)
    (run / ".reserve").write_bytes(b"room")
    second = start([sys.executable, "-I", "-c", REFUSED], run, keep_running=False)
    assert second.wait(BOUND_S).returncode == 2
    assert record_of(run) == before
    assert sorted(path.name for path in run.iterdir()) == [".reserve", "alive.json", "begun", "run.json"]
    assert alive_of(run).pid == first.pid
    found = attach(run)
    assert found.pid == first.pid
    found.close()


def test_a_folder_that_is_no_run_gets_nothing_of_a_trainer_that_is_refused_it(tmp_path):
    (tmp_path / "letter.txt").write_text("mine")
    os.utime(tmp_path, (1, 1))
    handle = start(
        [sys.executable, "-I", "-c", f"import time; time.sleep(0.2); {REFUSED}"], tmp_path, keep_running=False
    )
    assert handle.wait(BOUND_S).returncode == 2
    assert [path.name for path in tmp_path.iterdir()] == ["letter.txt"]
    assert tmp_path.stat().st_mtime == 1


def test_a_supervisor_of_another_folder_is_not_taken_for_this_one(run, begun, tmp_path):
    handle = begun(OBEDIENT)
    wait_for((run / "alive.json").exists)
    other = tmp_path / "other"
    other.mkdir()
    (other / "alive.json").write_bytes((run / "alive.json").read_bytes())
    assert attach(other) is None
    found = attach(run)
    assert found.pid == handle.pid
    found.close()


def test_the_handle_is_readable_when_the_trainer_has_ended(begun):
    import select

    handle = begun(OBEDIENT)
    watch = select.poll()
    watch.register(handle.fileno(), select.POLLIN)
    assert not watch.poll(0)
    handle.stop()
    assert watch.poll(BOUND_S * 1000)
    wait_for(handle.poll)
    assert handle.fileno() == -1


@pytest.mark.parametrize(
    ("end", "status", "reason"),
    [
        (ProcessEnd(returncode=0), "finished", ""),
        (ProcessEnd(returncode=0, asked=True), "stopped", "The trainer stopped as asked"),
        (ProcessEnd(returncode=-15, asked=True), "stopped", "The trainer stopped as asked"),
        (ProcessEnd(returncode=-15), "failed", "The trainer ended by SIGTERM"),
        (
            ProcessEnd(returncode=-9, out_of_memory=True),
            "failed",
            "The system ended the trainer because memory ran out",
        ),
        (ProcessEnd(returncode=3, last_line="boom"), "failed", "The trainer ended with exit code 3: boom"),
    ],
)
def test_each_ending_has_its_words_in_the_record(run, end, status, reason):
    supervisor.write_down(run, end, [])
    assert (record_of(run).status, record_of(run).reason) == (status, reason)


def test_what_a_killed_trainer_left_half_made_is_removed_and_what_others_write_stays(run):
    (run / "checkpoints").mkdir()
    gone = subprocess.Popen([sys.executable, "-I", "-c", ""])
    gone.wait()
    left = [run / ".reserve", run / f".run.json.tmp-{gone.pid}-1", run / "checkpoints" / f".a.pt.tmp-{gone.pid}-2"]
    mine = run / "checkpoints" / f".b.pt.tmp-{os.getpid()}-3"
    for path in (*left, mine):
        path.write_bytes(b"half")
    supervisor.write_down(run, ProcessEnd(returncode=-9), [])
    assert not any(path.exists() for path in left)
    assert mine.exists()
    assert record_of(run).reason == "The trainer ended by SIGKILL"


def test_the_last_checkpoint_of_a_killed_trainer_is_the_newest_whole_one(run):
    (run / "checkpoints").mkdir()
    for name in ("step_0000020.pt", "step_0000100.pt", "step_10000000.pt", "mine.pt", ".step_20000000.pt.tmp-1-1"):
        (run / "checkpoints" / name).write_bytes(b"")
    supervisor.write_down(run, ProcessEnd(returncode=-9), [])
    assert record_of(run).last == "step_10000000.pt"


def test_a_folder_without_a_record_gets_none(tmp_path):
    supervisor.write_down(tmp_path, ProcessEnd(returncode=1), ["last words"])
    assert [path.name for path in tmp_path.iterdir()] == ["train.log"]
    supervisor.write_down(tmp_path / "nowhere", ProcessEnd(returncode=1), ["last words"])
    assert not (tmp_path / "nowhere").exists()


def test_a_kill_while_memory_ran_out_is_told_from_one_by_hand(run):
    program = (
        "import sys\n"
        "from inspector.jobs import supervisor\n"
        "counts = iter([3, 4])\n"
        "supervisor.memory_kills = lambda: next(counts)\n"
        "supervisor.main(sys.argv[1:])\n"
    )
    dies = [sys.executable, "-I", "-c", "import os; os.kill(os.getpid(), 9)"]
    subprocess.run([sys.executable, "-I", "-c", program, "--run", str(run), "--", *dies], check=True)
    assert record_of(run).reason == "The system ended the trainer because memory ran out"


def test_starting_and_ending_leaves_no_descriptor(tmp_path):
    def cycle() -> None:
        handle = trainers.start([sys.executable, "-I", "-c", ""], tmp_path / "run", keep_running=False)
        assert handle.wait(BOUND_S).returncode == 0

    from tests.reader.processes import open_descriptors

    cycle()
    gc.collect()  # what earlier tests left to it is no part of this
    before = open_descriptors()
    for _ in range(5):
        cycle()
    gc.collect()
    assert open_descriptors() == before
