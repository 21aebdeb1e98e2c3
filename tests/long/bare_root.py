"""A minimal Debian in a folder, entered in namespaces of its own: what is mounted or started there ends with it."""

from __future__ import annotations

import ast
import os
import re
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from PySide6.QtGui import QImage

from inspector.app.shot import SHOT_SIZE_PX
from tests.screen import screen_colours, screen_picture

SUITE, MIRROR = "bookworm", "http://deb.debian.org/debian"
USER = "newcomer"
_HOUR_S = 3600
_LONGEST = 400
_SHOWN_S = 30
_LOOK_EVERY_S = 0.5
_FEWEST_COLOURS = 100
PICTURES = Path(tempfile.gettempdir())
"""Where what was drawn is put, to be looked at."""

_UNSHARED = ("unshare", "--mount", "--pid", "--fork", "--kill-child")
_ENTER = """
set -e
root=$1; shift
mount -t proc proc "$root/proc"
mount -t tmpfs -o mode=1777 tmpfs "$root/dev/shm"
mount -t devpts -o newinstance,ptmxmode=0666 devpts "$root/dev/pts"
for path in $SHARED; do
    mkdir -p "$root${path%/*}"
    if [ -d "$path" ]; then mkdir -p "$root$path"; else touch "$root$path"; fi
    mount --bind -o ro "$path" "$root$path"
done
exec chroot "$@"
"""


def why_no_root() -> str:
    """Why none can be made here, or empty."""
    if os.geteuid() != 0:
        return "only root makes a root folder of Debian"
    absent = [name for name in ("debootstrap", "unshare") if shutil.which(name) is None]
    return f"not installed: {', '.join(absent)}" if absent else ""


@dataclass
class BareRoot:
    """A root folder, and the log of what was done in it.

    Attributes:
        pip: this machine's own configuration of pip as variables; shared: the files and folders that it names.
        log: of each step who did it, the command, its exit code, seconds, and what it said last.
    """

    folder: Path
    pip: dict[str, str]
    shared: list[Path]
    log: list[dict[str, Any]] = field(default_factory=list)

    @property
    def home(self) -> Path:
        """The folder of the plain user."""
        return self.folder / "home" / USER

    def does(self, who: str, command: str, *, code: int = 0, **environment: str) -> str:
        """What a command of a user's shell prints, both streams in their order.

        Raises:
            AssertionError: it ends with another code.
        """
        home = "/root" if who == "root" else f"/home/{USER}"
        known = {"HOME": home, "USER": who, "PATH": "/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin", **self.pip}
        known |= {"DEBIAN_FRONTEND": "noninteractive"} if who == "root" else {}
        shared = [] if who == "root" else self.shared  # who installs packages writes where some of it lies
        shell = ("env", "-i", *(f"{name}={value}" for name, value in (known | environment).items()), "bash", "-c")
        begun_s = time.monotonic()
        done = subprocess.run(
            (*_UNSHARED, "bash", "-c", _ENTER, "enter", self.folder, f"--userspec={who}:{who}", self.folder, *shell,
             f"cd; cd run-inspector 2>/dev/null; {command}"),
            env={**os.environ, "SHARED": " ".join(map(str, shared))},
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
            text=True, timeout=_HOUR_S, check=False,
        )  # fmt: skip
        said = done.stdout.strip().rpartition("\n")[2][:_LONGEST]
        seconds = round(time.monotonic() - begun_s, 1)
        told = " ".join((*(f"{name}={value}" for name, value in environment.items()), command))
        self.log.append({"who": who, "command": told, "code": done.returncode, "s": seconds, "said_last": said})
        assert done.returncode == code, f"{command}\n{done.stdout[-6000:]}"
        return done.stdout


@contextmanager
def bare_root(*packages: str) -> Iterator[BareRoot]:
    """A new minimal Debian with some packages and a plain user, removed at the end."""
    with tempfile.TemporaryDirectory(prefix="bare-root-") as temporary:
        folder = Path(temporary) / "root"
        begun_s = time.monotonic()
        command = ("debootstrap", "--variant=minbase", SUITE, folder, MIRROR)
        made = subprocess.run(command, capture_output=True, text=True, check=False)
        assert made.returncode == 0, made.stdout[-4000:]
        pip, shared = pip_of_this_machine()
        root = BareRoot(folder, pip, shared)
        seconds = round(time.monotonic() - begun_s, 1)
        root.log.append({"who": "root", "command": f"debootstrap --variant=minbase {SUITE}", "code": 0, "s": seconds})
        root.does("root", "apt-get update")
        if packages:
            root.does("root", f"apt-get install -y --no-install-recommends {' '.join(packages)}")
        root.does("root", f"useradd --create-home --shell /bin/bash {USER}")
        yield root


def pip_of_this_machine() -> tuple[dict[str, str], list[Path]]:
    """Where pip finds packages here, as variables, and the files and folders that they name."""
    variables: dict[str, str] = {}
    shared: list[Path] = []
    told = subprocess.run(("pip", "config", "list"), capture_output=True, text=True, check=False).stdout
    for name, value in re.findall(r"(?m)^\S*\.([\w-]+)=(.*)$", told):
        text = str(ast.literal_eval(value))
        variables[f"PIP_{name.upper().replace('-', '_')}"] = text
        for word in text.split():
            path = Path(word.removeprefix("file://"))
            if path.is_absolute() and path.exists():
                shared.append(path.parent if word.startswith("file:") else path)  # an index names files beside it
    return variables, list(dict.fromkeys(shared))


def window_on(root: BareRoot, command: str, display: str, frame: Path, name: str) -> int:
    """How many colours a screen had at most while a command of the plain user showed its window there, kept by name."""
    most, widest = 0, None
    with ThreadPoolExecutor(1) as pool:
        shown = pool.submit(root.does, USER, f"timeout --preserve-status -s INT {_SHOWN_S} {command}", DISPLAY=display)
        while not shown.done():
            time.sleep(_LOOK_EVERY_S)
            colours = screen_colours(frame)
            if colours > most:
                most, widest = colours, screen_picture(frame).copy()
        shown.result()
    assert most > _FEWEST_COLOURS, f"{most} colours on the screen"
    assert widest is not None
    rows, columns = widest.shape[:2]
    image = QImage(widest.tobytes(), columns, rows, 4 * columns, QImage.Format.Format_RGB32)
    assert image.save(str(PICTURES / f"{name}.png"))
    return most


def keep_picture(made: Path, name: str) -> None:
    """Copy a picture that the program drew, to be looked at."""
    assert QImage(str(made)).width() == SHOT_SIZE_PX[0]
    shutil.copyfile(made, PICTURES / f"{name}.png")
