"""`metrics --follow` in a process of its own: new points as they come, rotation, and Ctrl+C."""

from __future__ import annotations

import csv
import json
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

PATIENCE_S = 60.0


class Following:
    """The command at work, and the lines that it has printed."""

    def __init__(self, *arguments: object) -> None:
        command = [sys.executable, "-m", "inspector", "metrics", *map(str, arguments), "--follow"]
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        self.lines: list[str] = []
        self._listener = threading.Thread(target=self._listen)
        self._listener.start()

    def _listen(self) -> None:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            self.lines.append(line.rstrip("\n"))

    def wait_for(self, until: Callable[[list[str]], bool]) -> None:
        give_up_s = time.monotonic() + PATIENCE_S
        while not until(self.lines):
            assert time.monotonic() < give_up_s, self.lines
            assert self.process.poll() is None, self.process.stderr and self.process.stderr.read()
            time.sleep(0.02)

    def end(self) -> int:
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGINT)
        code = self.process.wait(20)
        self._listener.join(20)
        for stream in (self.process.stdout, self.process.stderr):
            assert stream is not None
            stream.close()
        return code


@pytest.fixture
def following() -> Iterator[Callable[..., Following]]:
    started: list[Following] = []

    def start(*arguments: object) -> Following:
        started.append(Following(*arguments))
        return started[-1]

    yield start
    for one in started:
        one.end()


def test_points_are_printed_as_they_come_through_rotation_and_truncation(
    tmp_path: Path, following: Callable[..., Following]
) -> None:
    path = tmp_path / "metrics.csv"
    path.write_text("step,loss\n1,0.5\n2,nan\n")
    follow = following(path)
    follow.wait_for(lambda lines: len(lines) == 3)
    with path.open("a") as log:
        log.write("3,0.125\n4,0.0")  # half a line
    follow.wait_for(lambda lines: len(lines) >= 4)
    with path.open("a") as log:
        log.write("625\n")
    follow.wait_for(lambda lines: "loss,4,,,0.0625" in lines)
    with path.open("a") as log:
        log.write("5,0.03125\n")
    path.rename(tmp_path / "metrics.csv.1")  # rotated, with a line that was not seen yet
    path.write_text("step,loss\n6,0.25\n")
    follow.wait_for(lambda lines: "loss,6,,,0.25" in lines)
    path.write_text("step,loss\n7,1\n")  # truncated and written anew
    follow.wait_for(lambda lines: "loss,7,,,1.0" in lines)
    assert follow.end() == 0
    rows = [row for row in csv.reader(follow.lines[1:]) if row[4] != "0.0"]
    assert [row[1] for row in rows] == ["1", "2", "3", "4", "5", "6", "7"]
    assert rows[1] == ["loss", "2", "", "", "NaN"]


def test_a_folder_is_followed_as_json_lines_with_logs_that_appear(
    tmp_path: Path, following: Callable[..., Following]
) -> None:
    (tmp_path / "metrics.jsonl").write_text('{"step": 1, "time": 1700000005.0, "loss": 0.5, "acc": 1}\n')
    follow = following(tmp_path, "--json", "--tag", "loss")
    follow.wait_for(lambda lines: len(lines) == 1)
    (tmp_path / "later.csv").write_text("step,loss\n9,NaN\n")
    follow.wait_for(lambda lines: len(lines) == 2)
    assert follow.end() == 0
    assert [json.loads(line) for line in follow.lines] == [
        {"tag": "loss", "step": 1, "epoch": None, "time": 1700000005.0, "value": 0.5},
        {"tag": "loss", "step": 9, "epoch": None, "time": None, "value": "NaN"},
    ]


def test_what_is_no_log_is_said_and_not_waited_for(tmp_path: Path) -> None:
    (tmp_path / "picture.png").write_bytes(b"\x89PNG\r\n\x1a\n" + bytes(100))
    command = [sys.executable, "-m", "inspector", "metrics", str(tmp_path / "picture.png"), "--follow"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 2
    assert done.stderr.startswith("picture.png: expected a log")
