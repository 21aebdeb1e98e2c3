"""Programs that need torch, each in a process of its own, without waiting for torch to be imported each time.

One process of this module imports torch and forks for every program that it is handed; it ends with the one that asks.
"""

from __future__ import annotations

import atexit
import json
import os
import runpy
import signal
import subprocess
import sys
import tempfile
import traceback
import types
from functools import cache
from pathlib import Path
from typing import Any, TextIO

ROOT = Path(__file__).resolve().parents[1]


def run_with_torch(
    program: str | Path, *arguments: object, folder: Path | None = None, given: str = "", limit_s: int = 300
) -> str:
    """What a program prints that has torch.

    Args:
        program: a path of a file, a dotted name of a module, or source text of more than one line.
        folder: where it runs; given: its standard input; limit_s: after which it is ended.

    Raises:
        AssertionError: it failed; with the end of what it wrote as errors.
    """
    with tempfile.TemporaryDirectory(prefix="with-torch-") as place:
        files = {name: Path(place) / name for name in ("stdin", "stdout", "stderr")}
        files["stdin"].write_text(given)
        task = {
            "program": str(program),
            "arguments": [str(argument) for argument in arguments],
            "folder": str(folder or ROOT),
            "files": {name: str(path) for name, path in files.items()},
            "limit_s": limit_s,
        }
        server = _server()
        assert server.stdin is not None
        assert server.stdout is not None
        server.stdin.write(json.dumps(task) + "\n")
        server.stdin.flush()
        answer = server.stdout.readline()
        assert answer, "the process that holds torch is gone"
        code = int(answer)
        assert code == 0, f"it ended with {code}: {files['stderr'].read_text()[-2000:]}"
        return files["stdout"].read_text()


@cache
def _server() -> subprocess.Popen[str]:
    server = subprocess.Popen(
        [sys.executable, "-m", "tests.with_torch"], cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    atexit.register(server.communicate)
    return server


def _serve(tasks: TextIO, answers: TextIO) -> None:
    import torch  # noqa: F401 - for the programs

    for line in tasks:
        child = os.fork()
        if child == 0:
            os._exit(_run(json.loads(line)))
        _, status = os.waitpid(child, 0)
        answers.write(f"{os.waitstatus_to_exitcode(status)}\n")
        answers.flush()


def _run(task: dict[str, Any]) -> int:
    """Become the program."""
    signal.alarm(task["limit_s"])
    for number, (name, how) in enumerate((("stdin", "r"), ("stdout", "w"), ("stderr", "w"))):
        with open(task["files"][name], how) as file:  # noqa: PTH123 - what is opened is replaced at once
            os.dup2(file.fileno(), number)
    sys.stdin, sys.stdout, sys.stderr = open(0), open(1, "w"), open(2, "w")  # noqa: SIM115 - to the end
    os.chdir(task["folder"])
    program: str = task["program"]
    sys.argv = [program, *task["arguments"]]
    code: object = 0
    try:
        if "\n" in program:
            main = sys.modules["__main__"] = types.ModuleType("__main__")
            exec(compile(program, "<program>", "exec"), main.__dict__)
        elif program.endswith(".py"):
            runpy.run_path(program, run_name="__main__")
        else:
            runpy.run_module(program, run_name="__main__", alter_sys=True)
    except SystemExit as end:
        code = end.code or 0
    except BaseException:  # noqa: BLE001 - told to who asked
        traceback.print_exc()
        code = 1
    sys.stdout.flush()
    sys.stderr.flush()
    return code if isinstance(code, int) else 1


if __name__ == "__main__":
    _serve(sys.stdin, sys.stdout)
