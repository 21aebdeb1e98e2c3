"""A locked process reads what was opened and does nothing else; the same attempts succeed without the lock."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from inspector.reader import landlock, lock, seccomp

SCRIPT = Path(__file__).with_name("locked.py")

ALLOWED = (
    "read the opened file",
    "stat another file",
    "shared memory",
    "a thread",
    "a module of Python's",
    "a module of a package",
    "signal itself",
    "renew its own processor time",
    "read randomness",
)
BY_LANDLOCK = (
    "read another file",
    "read another file by a link",
    "list the folder of the opened file",
    "list the root",
    "read who is who",
    "read its own memory",
    "read what others do",
)
BY_FILTER = (
    "write into the opened file",
    "write into the null device",
    "create a file",
    "cut the opened file",
    "rename the opened file",
    "remove a file",
    "make a folder",
    "make a link",
    "make a hard link",
    "make a pipe",
    "change permissions",
    "change permissions by descriptor",
    "change the owner",
    "change the times",
    "a network socket",
    "a local socket",
    "a pair of sockets",
    "a process",
    "signal its parent",
    "signal everything",
    "limit its parent",
    "leave its namespace",
    "hold its parent by descriptor",
    "read the memory of another",
    "be traced",
    "a program",
    "type into the terminal",
)
BEFORE_THE_LOCK = {"a program": "ENOENT", "type into the terminal": "ENOTTY"}


def tried(folder: Path, mode: str) -> dict:
    (folder / "sub").mkdir()
    for path in (folder / "opened.txt", folder / "sub/other.txt"):
        path.write_text("text")
    (folder / "link").symlink_to(folder / "sub/other.txt")
    command = [sys.executable, "-I", str(SCRIPT), mode, str(folder / "opened.txt"), str(folder / "sub/other.txt")]
    environment = {**os.environ, "OPENBLAS_NUM_THREADS": "1"}
    done = subprocess.run(
        command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, env=environment, check=True, timeout=120
    )
    return json.loads(done.stdout)


@pytest.fixture(scope="module")
def locked(tmp_path_factory: pytest.TempPathFactory) -> dict:
    return tried(tmp_path_factory.mktemp("locked"), "lock")


@pytest.fixture(scope="module")
def free(tmp_path_factory: pytest.TempPathFactory) -> dict:
    return tried(tmp_path_factory.mktemp("free"), "free")


needs_landlock = pytest.mark.skipif(landlock.abi() == 0, reason="this kernel has no Landlock")


@pytest.mark.parametrize("what", ALLOWED)
def test_what_reading_needs_stays_possible(locked, free, what):
    assert (free["found"][what], locked["found"][what]) == ("done", "done")


@needs_landlock
@pytest.mark.parametrize("what", BY_LANDLOCK)
def test_other_files_are_shut(locked, free, what):
    assert (free["found"][what], locked["found"][what]) == ("done", "EACCES")


@pytest.mark.parametrize("what", BY_FILTER)
def test_nothing_but_reading_is_possible(locked, free, what):
    assert locked["found"][what] == "EPERM"
    if free["found"][what] == "EPERM":
        pytest.skip("this system refuses it without a lock, too")
    assert free["found"][what] == BEFORE_THE_LOCK.get(what, "done")


def test_every_attempt_is_judged_by_a_test(locked):
    assert set(locked["found"]) == {*ALLOWED, *BY_LANDLOCK, *BY_FILTER}


@needs_landlock
def test_a_full_lock_says_so(locked):
    assert locked["strength"] == "full"
    assert lock.LockReport("full").sentence() == "Files are read in a locked process that can open nothing else"


def test_the_lock_needs_no_numpy_so_that_a_listing_stays_light():
    program = "import sys, inspector.reader.lock; print('numpy' in sys.modules, 'h5py' in sys.modules)"
    assert run_locked(program) == "False False"


def run_locked(program: str, *arguments: str) -> str:
    """The output of a program in a process of its own."""
    command = [sys.executable, "-I", "-c", program, *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=True, timeout=120).stdout.strip()


@needs_landlock
def test_a_folder_is_open_with_all_below_and_what_comes_later(tmp_path):
    (tmp_path / "run/deep").mkdir(parents=True)
    (tmp_path / "run/deep/file").write_text("deep")
    (tmp_path / "other").write_text("other")
    program = (
        "import sys; from pathlib import Path; from inspector.reader.lock import lock\n"
        "run = Path(sys.argv[1]); lock([run])\n"
        "sys.stdout.write('locked\\n'); sys.stdout.flush(); sys.stdin.readline()\n"
        "print((run / 'deep/file').read_text(), sorted(p.name for p in run.iterdir()), (run / 'late').read_text())\n"
        "try: (run.parent / 'other').read_text()\n"
        "except PermissionError: print('shut')\n"
    )
    command = [sys.executable, "-I", "-c", program, str(tmp_path / "run")]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout.readline() == "locked\n"
        (tmp_path / "late").write_text("late")
        (tmp_path / "late").rename(tmp_path / "run/late")
        out, _ = process.communicate("go\n", timeout=120)
    assert out.splitlines() == ["deep ['deep', 'late'] late", "shut"]


@needs_landlock
def test_the_cache_folder_is_open_and_a_path_that_is_missing_does_no_harm(tmp_path):
    (tmp_path / "cache").mkdir()
    (tmp_path / "cache/entry").write_text("kept")
    program = (
        "import sys; from pathlib import Path; from inspector.reader.lock import lock\n"
        "report = lock([Path('/no/such/file')], Path(sys.argv[1]))\n"
        "print(report.strength, (Path(sys.argv[1]) / 'entry').read_text())\n"
    )
    assert run_locked(program, str(tmp_path / "cache")) == "full kept"


def test_a_kernel_without_locks_is_told_in_words():
    program = (
        "from inspector.reader import landlock, lock, seccomp\n"
        "def none(*_): raise OSError(38, 'Function not implemented')\n"
        "landlock.allow_only_reading = none\n"
        "seccomp.refuse_calls = none\n"
        "report = lock.lock([])\n"
        "print(report.strength); print(report.sentence())\n"
    )
    strength, sentence = run_locked(program).splitlines()
    assert strength == "partial"
    assert sentence == (
        "Files are read in a separate process that is only partly locked: this system has no Landlock, so other files "
        "could be read (Function not implemented); this system takes no seccomp filter, so network and programs could "
        "be reached"
    )


def test_a_process_with_threads_does_not_call_its_lock_full():
    program = (
        "import threading; from inspector.reader.lock import lock\n"
        "threading.Thread(target=threading.Event().wait, daemon=True).start()\n"
        "print(lock([]).strength)\n"
    )
    assert run_locked(program) == "partial"


def test_an_unknown_machine_is_told_as_partial():
    with pytest.raises(KeyError):
        seccomp.program("riscv64", 1)


def test_what_is_always_readable_holds_no_folder_of_the_users():
    readable = lock.always_readable()
    checkout = Path(lock.__file__).resolve().parents[2]
    assert checkout not in readable
    assert not {Path("/"), Path.home(), Path("/tmp"), Path("/usr")} & set(readable)
    assert any(Path(os.__file__).resolve().is_relative_to(path) for path in readable)


def test_packages_that_are_installed_elsewhere_can_be_loaded_late(tmp_path, monkeypatch):
    folders = [tmp_path / name for name in ("site-packages", "dist-packages", "sources")]
    for folder in folders:
        folder.mkdir()
        monkeypatch.syspath_prepend(folder)
    assert set(folders) & set(lock.always_readable.__wrapped__()) == set(folders[:2])
