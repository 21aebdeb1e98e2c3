"""What every test shares: the real samples, a home of its own, and an offscreen Qt."""

from __future__ import annotations

import gc
import itertools
import logging
import os
import re
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from inspector.core.collector import Collecting
from tests.untouched import Sources

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
os.environ.setdefault("PYQTGRAPH_QT_LIB", "PySide6")
# The suite keeps every core busy already; threads of torch and of the linear algebra would only wait for one another.
os.environ.setdefault("OMP_NUM_THREADS", "1")

# A shell's background jobs ignore it, and what they start too: a test's Ctrl+C would then do nothing.
signal.signal(signal.SIGINT, signal.default_int_handler)

# Workers have a thread that listens to the suite, and tests start more: objects of Qt may not be collected in those.
COLLECTING = Collecting()

SAMPLES = Path(os.environ.get("RUN_INSPECTOR_SAMPLES", Path(__file__).resolve().parents[2] / "shared" / "samples"))


def sample_files(*patterns: str) -> list[Path]:
    """Real files by glob below the samples folder; empty where the folder is absent."""
    return sorted(path for pattern in patterns for path in SAMPLES.glob(pattern) if path.is_file())


def pytest_addoption(parser: pytest.Parser) -> None:
    """Stored pictures are replaced only on request."""
    parser.addoption("--update-pictures", action="store_true", help="store the pictures of widgets anew")


def pytest_configure(config: pytest.Config) -> None:
    """A worker that dies ends the run, which says in which test: with `loadfile` it might wait for another for ever."""
    if getattr(config.option, "maxworkerrestart", "") is None:
        config.option.maxworkerrestart = "0"


def pytest_collection_finish() -> None:
    """What all tests share lives to the end: no collection need look through it, and there are thousands."""
    gc.freeze()


def pytest_runtest_logfinish() -> None:
    """Between tests what they gave up goes: widgets that wait for an event loop to turn, and then cycles."""
    if "PySide6.QtWidgets" in sys.modules:
        from PySide6.QtCore import QCoreApplication, QEvent

        if QCoreApplication.instance() is not None:
            QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
    COLLECTING.look()


def pytest_make_parametrize_id(val: object, argname: str) -> str | None:
    """Bytes are named by their place: archives bear the time of their making, and all processes must know one name."""
    return argname if isinstance(val, bytes) else None


@pytest.fixture
def check_picture(request: pytest.FixtureRequest) -> Callable[[Any, str], None]:
    """Fails unless a widget looks as its stored picture does; see tests/pictures.py."""
    from tests.pictures import check_picture

    return partial(check_picture, update=request.config.getoption("--update-pictures"))


@pytest.fixture(scope="session")
def samples() -> Path:
    """The folder of real files from public projects."""
    if not SAMPLES.is_dir():
        pytest.skip("the real sample files are not beside this checkout")
    return SAMPLES


_FOLDERS = itertools.count()


def _new_folder(base: Path, name: str) -> Path:
    """A new folder; counted here, for pytest looks through all the others to find the next number."""
    folder = base / f"{name}-{next(_FOLDERS)}"
    folder.mkdir(mode=0o700)
    return folder


@pytest.fixture
def tmp_path(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of the test alone, kept as long as pytest keeps its own."""
    return _new_folder(tmp_path_factory.getbasetemp(), re.sub(r"\W", "_", request.node.name)[:30])


@pytest.fixture(autouse=True)
def _own_home(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    """Preferences, caches and notes of a test stay its own."""
    monkeypatch.setenv("RUN_INSPECTOR_HOME", str(_new_folder(tmp_path_factory.getbasetemp(), "home")))


@pytest.fixture(autouse=True)
def sources(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Sources]:
    """What the test resumes from; a file of it that is changed, added or taken away fails the test."""
    folder = tmp_path_factory.getbasetemp() / f"sources-{next(_FOLDERS)}"
    found = Sources(folder)
    start = subprocess.Popen.__init__

    def started(process: Any, args: Any, *more: Any, **options: Any) -> None:
        if isinstance(args, list | tuple):
            found.hear([os.fsdecode(word) for word in args])
        start(process, args, *more, **options)

    monkeypatch.setattr(subprocess.Popen, "__init__", started)
    yield found
    count, files, changed = found.compared()
    if count:
        request.node.user_properties += [("sources compared", count), ("files of sources compared", files)]
    assert changed == [], "what was resumed from is not as it was"


@pytest.fixture(autouse=True)
def _no_unexpected_log(request: pytest.FixtureRequest, caplog: pytest.LogCaptureFixture) -> Iterator[None]:
    """A warning that a test did not announce with the mark `logs` fails it."""
    yield
    if "logs" in request.keywords:
        return
    loud = [record for record in caplog.get_records("call") if record.levelno >= logging.WARNING]
    ours = [record.getMessage() for record in loud if record.name.startswith("inspector")]
    assert ours == [], "the program logged what no test announced"
