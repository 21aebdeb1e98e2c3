"""Every benchmark by name."""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

from tests.benchmarks.harness import Ratio, side_by_side

_MAKE = """
import sys, torch
sizes = (("weight", 30_000), ("bias", 300))
weights = {f"block.{i}.{kind}": torch.randn(size) for i in range(313) for kind, size in sizes}
model = torch.nn.ParameterDict({name.replace(".", "_"): torch.nn.Parameter(value) for name, value in weights.items()})
optimizer = torch.optim.AdamW(model.parameters())
sum(parameter.sum() for parameter in model.values()).backward()
optimizer.step()
torch.save({"model": weights, "optimizer": optimizer.state_dict(), "epoch": 3}, sys.argv[1])
"""
_PEER_LISTING = """
import sys, torch
def walk(value):
    if isinstance(value, torch.Tensor):
        yield tuple(value.shape), str(value.dtype)
    elif isinstance(value, dict):
        for item in value.values():
            yield from walk(item)
print(len(list(walk(torch.load(sys.argv[1], mmap=True, weights_only=True)))))
"""
_PEER_WINDOW = """
from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QApplication, QMainWindow
app = QApplication([])
window = QMainWindow()
window.show()
QTimer.singleShot(0, app.quit)
app.exec()
"""
_OUR_WINDOW = """
from inspector.app.launch import start_qt
app = start_qt("offscreen")
from PySide6.QtCore import QTimer
from inspector.app.desk import Desk
from inspector.app.window import Window
from inspector.session.values import State
from inspector.views.theme import apply_theme
apply_theme(app, "dark")
window = Window(Desk(State()), remember=False)
window.show()
QTimer.singleShot(0, window.close)
app.exec()
"""


def listing() -> Ratio:
    """List a training checkpoint of some 2,500 tensors, process start to answer."""
    with tempfile.TemporaryDirectory() as folder:
        path = str(Path(folder) / "checkpoint.pt")
        _python(_MAKE, path)
        ours = [sys.executable, "-I", "-m", "inspector", "info", path, "--json"]
        return side_by_side("list a checkpoint", ours, [sys.executable, "-c", _PEER_LISTING, path], "<= 0.067, 80 MB")


def first_window() -> Ratio:
    """The first painted window, process start to painted, against a bare one."""
    ours = [sys.executable, "-c", _OUR_WINDOW]
    return side_by_side("first window", ours, [sys.executable, "-c", _PEER_WINDOW], "<= 0.5 s")


def _python(script: str, *arguments: str) -> None:
    import subprocess

    subprocess.run([sys.executable, "-c", script, *arguments], check=True)


BENCHMARKS: dict[str, Callable[[], Ratio]] = {"listing": listing, "first_window": first_window}
