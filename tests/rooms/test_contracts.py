"""Each wall between rooms is seen to hold, and seen to fail when it is breached on purpose."""

from __future__ import annotations

import ast
import functools
import re
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PACKAGE = ROOT / "inspector"
CONFIG = tomllib.loads((ROOT / "pyproject.toml").read_text())

BREACHES = {
    "Rooms, top to bottom": ("core/planted_upwards.py", "import inspector.formats.series\n"),
    "No Qt below views": ("display/planted_qt.py", "from PySide6 import QtCore\n"),
    "No torch outside training": ("artifacts/planted_torch.py", "import torch\n"),
    "The window, the reader and the trainer are three programs": (
        "app/planted_late.py",
        "def late():\n    import inspector.artifacts.identity\n",
    ),
    "No h5py outside artifacts and training": ("runs/planted_h5py.py", "import h5py\n"),
    "Nothing here imports pyqtgraph": ("views/planted_pyqtgraph.py", "import pyqtgraph\n"),
    "No viewer knows another viewer": ("display/slots/planted_scene.py", "import inspector.display.features.scene\n"),
    "No viewer's widget knows another's": ("views/slots/planted_view.py", "import inspector.views.features.view\n"),
    "No cycles between siblings": ("core/planted_ring.py", "import inspector.core.planted_ring_too\n"),
}
"""Of each contract a module that breaks it."""

_OTHER_HALF = ("core/planted_ring_too.py", "import inspector.core.planted_ring\n")


def _lint(folder: Path) -> subprocess.CompletedProcess[str]:
    linter = Path(sys.executable).with_name("lint-imports")
    return subprocess.run(
        [linter, "--no-cache"],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
        env={"PYTHONPATH": str(folder)},
    )


@pytest.fixture(scope="module")
def copy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("planted")
    shutil.copytree(PACKAGE, folder / "inspector", ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "pyproject.toml", folder)
    return folder


def test_every_contract_has_a_planted_breach() -> None:
    names = {contract["name"] for contract in CONFIG["tool"]["importlinter"]["contracts"]}
    assert names == set(BREACHES)


def test_the_rooms_keep_their_contracts(copy: Path) -> None:
    result = _lint(copy)
    assert result.returncode == 0, result.stdout


@pytest.fixture(scope="module")
def told_of_breaches(copy: Path) -> str:
    """What the linter says of all breaches, planted at once."""
    planted = [*BREACHES.values(), _OTHER_HALF]
    for place, text in planted:
        (copy / "inspector" / place).write_text(text)
    result = _lint(copy)
    for place, _ in planted:
        (copy / "inspector" / place).unlink()
    assert result.returncode != 0
    return result.stdout


@pytest.mark.parametrize("name", BREACHES)
def test_a_planted_breach_is_named(told_of_breaches: str, name: str) -> None:
    assert f"{name} BROKEN" in " ".join(told_of_breaches.split()), told_of_breaches
    # Below the heading of its contract stands the module that broke it, and none that was planted for another.
    told = told_of_breaches.partition("Broken contracts")[2].partition(f"\n{name}\n{'-' * len(name)}\n")[2]
    told = told.partition("\n---")[0]
    modules = {word.rpartition(".")[2] for word in told.split() if ".planted_" in word}
    assert modules - {"planted_ring_too"} == {Path(BREACHES[name][0]).stem}, told


@pytest.mark.parametrize(
    "line",
    [
        "import pickle\n",
        "import multiprocessing\n",
        "from PySide6.QtCore import QThread\n",
        "from PySide6.QtCore import QRunnable\n",
        "import torch\n\nx = torch.load('a')\n",
        "import numpy as np\n\nx = np.load('a', allow_pickle=True)\n",
    ],
)
def test_a_banned_call_is_refused(tmp_path: Path, line: str) -> None:
    planted = tmp_path / "inspector" / "planted.py"
    planted.parent.mkdir()
    planted.write_text(f'"""Planted."""\n\n{line}')
    result = subprocess.run(
        [*_RUFF, "--config", _banned_config(), str(planted)],
        capture_output=True,
        text=True,
        check=False,
    )
    if "allow_pickle" in line:
        assert list(_unpickling(planted)), "the syntax-tree check below finds it"
    else:
        assert result.returncode != 0, result.stdout


_RUFF = [Path(sys.executable).with_name("ruff"), "check", "--no-cache", "--isolated", "--select", "TID251,S301,S403"]


def _banned_config() -> str:
    banned = CONFIG["tool"]["ruff"]["lint"]["flake8-tidy-imports"]["banned-api"]
    entries = ", ".join(f'"{name}" = {{msg = "no"}}' for name in banned)
    return f"lint.flake8-tidy-imports.banned-api = {{{entries}}}"


def _modules() -> list[Path]:
    return sorted(PACKAGE.rglob("*.py"))


_LOOKED_FOR = re.compile(r"\b(open|write_text|write_bytes|load)\s*\(|allow_pickle")


@functools.cache
def _calls(path: Path) -> tuple[ast.Call, ...]:
    """Every call in a module that may have one of those looked for; it is parsed once for all checks."""
    text = path.read_text()
    if not _LOOKED_FOR.search(text):
        return ()
    return tuple(node for node in ast.walk(ast.parse(text)) if isinstance(node, ast.Call))


@pytest.fixture(scope="module", autouse=True)
def _parsed_for_this_file() -> Iterator[None]:
    yield
    _calls.cache_clear()


def _is_call_of(call: ast.Call, module: str, name: str) -> bool:
    return isinstance(call.func, ast.Attribute) and call.func.attr == name and ast.unparse(call.func.value) == module


def _unpickling(path: Path) -> list[ast.Call]:
    return [
        node
        for node in _calls(path)
        if any(word.arg == "allow_pickle" and getattr(word.value, "value", None) is True for word in node.keywords)
    ]


def _writes(path: Path) -> list[int]:
    """Lines that open a file for writing or change one."""
    found = []
    for node in _calls(path):
        name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
        mode = next((word.value for word in node.keywords if word.arg == "mode"), None)
        if _is_call_of(node, "os", "open"):
            if "devnull" not in ast.unparse(node) and any(
                flag in ast.unparse(node) for flag in ("O_WRONLY", "O_RDWR", "O_CREAT", "O_APPEND", "O_TRUNC")
            ):
                found.append(node.lineno)
        elif name == "open":
            position = 0 if isinstance(node.func, ast.Attribute) else 1
            mode = mode or (node.args[position] if len(node.args) > position else None)
            if isinstance(mode, ast.Constant) and isinstance(mode.value, str) and set(mode.value) & set("wax+"):
                found.append(node.lineno)
        elif name in ("write_text", "write_bytes"):
            found.append(node.lineno)
    return found


def test_only_one_module_opens_files_for_writing(tmp_path: Path) -> None:
    planted = tmp_path / "planted.py"
    planted.write_text(
        "from pathlib import Path\nopen('a', 'wb')\nPath('a').open('a')\nPath('a').write_bytes(b'')\n"
        "os.open('a', os.O_CREAT)\nos.open('a', os.O_RDONLY)\n"
    )
    assert _writes(planted) == [2, 3, 4, 5]
    writers = {str(path.relative_to(PACKAGE)) for path in _modules() if _writes(path)}
    assert writers <= {"core/files.py"}


def test_nothing_is_unpickled() -> None:
    assert [str(path) for path in _modules() if "training" not in path.parts and _unpickling(path)] == []


def test_a_room_says_what_it_is_and_imports_nothing() -> None:
    rooms = [path for path in _modules() if path.name == "__init__.py" and path.parent.parent == PACKAGE]
    assert len(rooms) == 14
    for path in rooms:
        tree = ast.parse(path.read_text())
        assert ast.get_docstring(tree), path
        rest = (
            [node for node in tree.body[1:] if not _for_scripts(node)]
            if path.parent.name == "training"
            else tree.body[1:]
        )
        assert not rest, f"{path} holds more than its sentence"


def _for_scripts(node: ast.stmt) -> bool:
    """What `from inspector.training import ActivationRecorder` needs, which loads nothing before it is asked for."""
    if isinstance(node, ast.If):
        return ast.unparse(node.test) == "TYPE_CHECKING"
    if isinstance(node, ast.FunctionDef):
        return node.name == "__getattr__"
    if isinstance(node, ast.Assign):
        return ast.unparse(node.targets[0]) == "_FOR_USERS"
    if isinstance(node, ast.Expr):
        return isinstance(node.value, ast.Constant)  # the table's docstring
    return isinstance(node, ast.ImportFrom) and node.module in ("typing", "importlib")


def test_no_torch_load_without_weights_only() -> None:
    for path in _modules():
        for node in _calls(path):
            if _is_call_of(node, "torch", "load"):
                words = {word.arg: ast.unparse(word.value) for word in node.keywords}
                assert words.get("weights_only") == "True", f"{path}:{node.lineno}"


def test_the_independence_contracts_name_every_viewer() -> None:
    from inspector.display.catalogue import CATALOGUE

    contracts = {contract["name"]: contract for contract in CONFIG["tool"]["importlinter"]["contracts"]}
    keys = {offer.key.partition(".")[0] for offer in CATALOGUE}  # a part of a viewer lies below it
    display = {name.rpartition(".")[2] for name in contracts["No viewer knows another viewer"]["modules"]}
    views = {name.rpartition(".")[2] for name in contracts["No viewer's widget knows another's"]["modules"]}
    assert keys <= display
    assert {offer.key for offer in CATALOGUE if offer.tabbed} == views
