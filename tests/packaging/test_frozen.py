"""A frozen program does what the checkout's does: `INSPECTOR_FROZEN=DIR/run-inspector/run-inspector` names it.

`python -m tests.long frozen` builds one, and tries it on far more.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest

from inspector.core.resources import resource
from tests.packaging.frozen_program import (
    RULES_THAT_TRY,
    SOURCE,
    VARIABLE,
    both,
    files_of_every_format,
    filtered_copy,
    findings,
    pictures_differ,
    said,
    window,
)

SAMPLE_RUN = resource("sample_run")

NOT_USED = re.compile(
    r"(lib)?(torch|lightning\w*|transformers|peft|pandas|sklearn|scipy|pytest|tkinter|gtk[-.\d]*)(\.|-|$)"
    r"|.*(Qt6Quick|Qt6Qml|Qt6Network|virtualkeyboard|qgtk3)"
)


@pytest.fixture(scope="module")
def program() -> Path:
    named = os.environ.get(VARIABLE)
    if not named:
        pytest.skip(f"{VARIABLE} names no frozen program; packaging/frozen/build.py builds one")
    return Path(named).resolve()


def test_it_holds_all_resources_and_licences_and_neither_torch_nor_what_the_window_does_not_use(program):
    folder = program.parent
    assert [str(path) for path in folder.rglob("*") if NOT_USED.match(path.name)] == []
    held = folder / "_internal" / "inspector" / "resources"
    here = SAMPLE_RUN.parent
    files = [path.relative_to(here) for path in here.rglob("*") if path.is_file() and "__pycache__" not in path.parts]
    assert [name for name in files if (held / name).read_bytes() != (here / name).read_bytes()] == []
    for licence, words in (("gnu/LGPL-3", "GNU LESSER GENERAL"), ("gnu/GPL-3", "GNU GENERAL"), ("LICENSE", "MIT")):
        assert words in (folder / "licences" / licence).read_text()
    bundled = {path.name.partition("-")[0].lower() for path in (folder / "licences" / "packages").iterdir()}
    packages = {path.name.partition("-")[0].lower() for path in (folder / "_internal").glob("*.dist-info")}
    assert packages - bundled <= {"run_inspector", "pyside6_essentials", "shiboken6"} | {
        name.replace("-", "_") for name in bundled
    }


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (("--version",), 0),
        (("shortcuts",), 0),
        (("settings", "slots"), 0),
        (("train", "--help"), 0),
        (("triage", SAMPLE_RUN, "--fail-on", "error"), 1),
        (("triage", SAMPLE_RUN, "--rules", resource("examples") / "rules.py"), 0),
        (("info", "/nowhere"), 2),
        (("--nonsense",), 2),
        (("--role", "nonsense"), 2),
        (("report", SAMPLE_RUN, "-o", "/nowhere/report.html"), 2),
    ],
    ids=lambda value: value[0] if isinstance(value, tuple) else str(value),
)
def test_it_answers_and_ends_as_the_checkouts_program_does(program, words, code, tmp_path):
    assert both(program, *words, home=tmp_path).code == code


def test_its_pictures_are_those_of_the_checkouts_program(program, tmp_path):
    for name, words in {"demo": ("demo", "--shot"), "slots": ("shot", SAMPLE_RUN, "--view", "slots", "-o")}.items():
        pictures = [tmp_path / f"{name}-{which}.png" for which in ("here", "there")]
        for which, picture in zip(([program], SOURCE), pictures, strict=True):
            assert said(which, *words, picture, home=tmp_path) == (0, "", "")
        assert pictures_differ(*pictures) == 0


def test_readers_of_it_are_locked_as_those_of_the_checkout(program, tmp_path):
    rules = tmp_path / "rules.py"
    rules.write_text(RULES_THAT_TRY)
    told = both(program, "triage", SAMPLE_RUN, "--rules", rules, home=tmp_path)
    assert "able: loaded" in told.out
    assert not (tmp_path / "elsewhere" / "written").exists()


def test_packed_datasets_are_read_by_the_filters_that_it_brings(program, tmp_path):
    pytest.importorskip("hdf5plugin", reason="hdf5plugin packs the datasets")
    dump = SAMPLE_RUN / "dumps" / "step_0001400.h5"
    used = filtered_copy(dump, tmp_path / "packed.h5")
    assert {"zstd", "blosc", "bitshuffle", "lz4"} <= set(used)
    told, plain = (both(program, "triage", path, "--json", home=tmp_path) for path in (tmp_path / "packed.h5", dump))
    assert findings(told) == findings(plain) != [[]]


@pytest.mark.samples
def test_hostile_and_other_real_files_give_the_answers_of_the_checkouts_program(program, samples, tmp_path):
    del samples
    few = {path.suffix: path for path in files_of_every_format()}
    hostile = next(path for path in files_of_every_format() if "hostile" in path.parts)
    for path in (*few.values(), hostile):
        both(program, "info", path, "--json", home=tmp_path)


def test_a_window_of_it_is_opened_reads_behind_the_lock_and_is_closed_by_its_key(program, tmp_path):
    missing = [name for name in ("Xvfb", "xdotool") if shutil.which(name) is None]
    if missing:
        pytest.skip(f"not installed: {', '.join(missing)}")
    shown = window(program, SAMPLE_RUN, tmp_path)
    assert (shown.code, shown.errors, shown.left) == (0, "", 0)
    assert shown.readers
    assert set(shown.readers) == {(True, True)}


def test_without_a_python_that_has_torch_it_says_what_to_do(program, tmp_path):
    bare = {"VIRTUAL_ENV": "", "CONDA_PREFIX": "", "PATH": str(tmp_path)}
    told = said([program], "train", "slots", "-o", tmp_path / "run", home=tmp_path, **bare)
    assert (told.code, told.out) == (2, "")
    assert told.errors.startswith("Training needs a Python that has torch, and none was found (there is no python3")
    assert "-m venv" in told.errors
    assert told.errors.count("\n") == 1


def test_it_trains_in_the_python_of_the_users_environment(program, tmp_path):
    if find_spec("torch") is None:
        pytest.skip("torch is not installed, in which it trains")
    run = tmp_path / "run"
    few = ("--set", "data.train_scenes=32", "--set", "data.val_scenes=16", "--set", "schedule.epochs=1")
    home = {"home": tmp_path, "VIRTUAL_ENV": sys.prefix}
    told = said([program], "train", "slots", "-o", run, *few, "--device", "cpu", **home)
    assert told.code == 0, told.errors
    assert "finished" in said([program], "info", run, home=tmp_path).out
    plan = said([program], "resume", run, "--set", "schedule.epochs=2", "--dry-run", "--json", **home)
    assert plan.code == 0, plan.errors


def test_a_script_of_the_users_gets_the_environment_that_the_program_was_started_with(program, tmp_path):
    (tmp_path / "run").mkdir()
    shutil.copy(SAMPLE_RUN / "checkpoints" / "step_0001400.pt", tmp_path / "run")
    (tmp_path / "train.py").write_text(
        "import json, os, pathlib, sys\n"
        "pathlib.Path(sys.argv[1], 'environment.json').write_text(json.dumps({**os.environ, 'PYTHON': sys.prefix}))\n"
    )
    (tmp_path / "resume.toml").write_text('command = ["{python}", "train.py", "{output}"]\nrate_owner = "loop"\n')
    words = ("resume", tmp_path / "run", "--template", tmp_path / "resume.toml", "--python", sys.prefix)
    told = said([program], *words, home=tmp_path / "home", LD_LIBRARY_PATH="/somewhere", QT_STYLE_OVERRIDE="odd")
    assert told.code == 0, told.errors
    got = json.loads((tmp_path / "run-resumed" / "environment.json").read_text())
    assert (got["PYTHON"], got["LD_LIBRARY_PATH"]) == (sys.prefix, "/somewhere")
    assert got.get("VIRTUAL_ENV") == os.environ.get("VIRTUAL_ENV")
    del got[VARIABLE]
    strange = ("QT_", "_PYI", "_MEI", "LD_LIBRARY_PATH_ORIG", "PYTHONHOME")
    assert [name for name, value in got.items() if name.startswith(strange) or str(program.parent) in value] == []
