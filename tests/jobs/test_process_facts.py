"""What is told of processes: how they ended, what they last said, who is below them, who ran out of memory."""

from __future__ import annotations

import os
import select
import subprocess
import sys
import time

import pytest

from inspector.jobs.alarm import Alarm
from inspector.jobs.descendants import descendants
from inspector.jobs.endings import ProcessEnd, ended_how
from inspector.jobs.memory_kills import memory_kills
from inspector.jobs.names import names_text
from inspector.jobs.tail import Tail


@pytest.mark.parametrize(
    ("code", "words"),
    [
        (0, "ended with exit code 0"),
        (3, "ended with exit code 3"),
        (-11, "ended by SIGSEGV"),
        (-7, "ended by SIGBUS"),
        (-24, "ended because its processor time was used up"),
        (-40, "ended by signal 40"),
    ],
)
def test_an_exit_status_has_words(code, words):
    assert ended_how(code) == words


def test_a_process_that_never_started_says_why():
    assert ProcessEnd(reason="No such program").sentence() == "No such program"
    assert not ProcessEnd(reason="No such program").well


def test_paths_are_named_without_their_folders():
    assert names_text(["/home/me/secret/last.h5"]) == "last.h5"
    assert names_text(["/a/x.pt", "/b/y.pt", "/c/z.pt"]) == "x.pt and 2 more"
    assert names_text(["/a/evil\nname.pt"]) == "evil\\x0aname.pt"
    assert names_text(["/"]) == "/"


def test_the_tail_puts_lines_together_that_were_cut_anywhere():
    whole = "first\nzweite Zeile äöü ∞\nthird\r\n10%\r20%\r100%\nlast without end".encode()
    for size in range(1, 12):
        tail = Tail()
        for at in range(0, len(whole), size):
            tail.take(whole[at : at + size])
        assert tail.lines() == ("first", "zweite Zeile äöü ∞", "third", "100%", "last without end")


def test_the_tail_keeps_the_last_200_lines_and_no_giant():
    tail = Tail()
    tail.take(b"".join(b"%d\n" % n for n in range(1000)))
    assert tail.lines() == tuple(str(n) for n in range(800, 1000))
    for _ in range(100):
        tail.take(b"x" * 100_000)
    assert len(tail.lines()[-1]) == 4096


def test_bytes_that_are_no_text_are_spelled():
    tail = Tail()
    tail.take(b"\xff\xfe ok\n")
    assert tail.lines() == ("\\xff\\xfe ok",)


def test_descendants_are_found_however_deep():
    program = (
        "import subprocess, sys, time\n"
        "depth = int(sys.argv[1])\n"
        "if depth: subprocess.Popen([sys.executable, '-I', '-c', sys.argv[2], str(depth - 1), sys.argv[2]])\n"
        "else: print('deep', flush=True)\n"
        "time.sleep(3600)"
    )
    command = [sys.executable, "-I", "-c", program, "2", program]
    with subprocess.Popen(command, stdout=subprocess.PIPE) as process:
        assert process.stdout.readline() == b"deep\n"
        below = descendants(process.pid)
        assert len(below) == 2
        assert process.pid in descendants(os.getpid())
        process.kill()
        for pid in below:
            os.kill(pid, 9)


def test_kills_for_memory_are_counted_in_the_own_group(tmp_path):
    own, groups, system = tmp_path / "cgroup", tmp_path / "fs", tmp_path / "vmstat"
    system.write_text("pgfault 17\noom_kill 9\n")
    own.write_text("0::/user.slice/app.scope\n")
    assert memory_kills(own, groups, system) == 9  # no group counts
    inside = groups / "user.slice/app.scope"
    inside.mkdir(parents=True)
    (inside / "memory.events").write_text("low 0\nhigh 0\nmax 3\noom 2\noom_kill 4\noom_group_kill 0\n")
    assert memory_kills(own, groups, system) == 4


def test_kills_for_memory_are_counted_in_a_version_1_group(tmp_path):
    own, groups = tmp_path / "cgroup", tmp_path / "fs"
    own.write_text("9:cpu,cpuacct:/x\n4:memory:/docker/abc\n0::/\n")
    (groups / "memory").mkdir(parents=True)
    (groups / "memory/memory.oom_control").write_text("oom_kill_disable 0\nunder_oom 0\noom_kill 5\n")
    assert memory_kills(own, groups, tmp_path / "none") == 5
    (groups / "memory/docker/abc").mkdir(parents=True)
    (groups / "memory/docker/abc/memory.oom_control").write_text("oom_kill_disable 0\nunder_oom 0\noom_kill 2\n")
    assert memory_kills(own, groups, tmp_path / "none") == 2


def test_a_system_that_counts_nothing_counts_0(tmp_path):
    assert memory_kills(tmp_path / "a", tmp_path / "b", tmp_path / "c") == 0


def test_an_alarm_rings_once_at_its_time_and_can_be_taken_back():
    alarm = Alarm()
    watch = select.poll()
    watch.register(alarm.fileno(), select.POLLIN)
    assert not watch.poll(0)
    alarm.set(time.monotonic() - 1)
    assert watch.poll(10_000)
    alarm.set(None)
    assert not watch.poll(0)
    before = time.monotonic()
    alarm.set(before + 0.05)
    assert watch.poll(10_000)
    assert time.monotonic() >= before + 0.05
    alarm.set(time.monotonic() + 3600)
    assert not watch.poll(20)
    alarm.close()
