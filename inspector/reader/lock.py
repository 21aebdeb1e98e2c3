"""Shuts this process in: it reads the opened files, and nothing else happens.

Each part is used where the kernel has it; the report says what holds.
"""

from __future__ import annotations

import os
import site
import sys
from collections.abc import Iterable
from functools import cache as once
from pathlib import Path
from typing import Literal, NamedTuple

from inspector.artifacts.companions import with_companions
from inspector.core.language import tr
from inspector.core.memory import keep_in_sight
from inspector.jobs.bounds import Limits
from inspector.jobs.kernel import PR_SET_PDEATHSIG, prctl
from inspector.reader import landlock, limits, seccomp

_SYSTEM = ("/usr/lib", "/usr/lib64", "/lib", "/lib64", "/usr/local/lib", "/usr/share/zoneinfo", "/etc/ld.so.cache",
           "/etc/localtime", "/dev/null", "/dev/urandom")  # fmt: skip
"""What libraries open late: other libraries, the time zone, randomness."""


_INSTALLED = ("site-packages", "dist-packages")
"""What a folder of installed packages is called, the second by Debian."""


class LockReport(NamedTuple):
    """What keeps this process in.

    Attributes:
        strength: `full` where it can read only the opened files and reach nothing else.
        sentences: what is missing, one sentence each; empty for `full`.
    """

    strength: Literal["full", "partial"]
    sentences: tuple[str, ...] = ()

    def sentence(self) -> str:
        """One sentence fit to show."""
        if self.strength == "full":
            return tr("Files are read in a locked process that can open nothing else")
        sentence = tr("Files are read in a separate process that is only partly locked: {lacking}")
        return sentence.format(lacking="; ".join(self.sentences))


@once
def always_readable() -> tuple[Path, ...]:
    """What Python, this program and the libraries may still have to load; existing paths, none within another."""
    package = Path(__file__).resolve().parent.parent
    # Modules of a frozen program lie in its one executable, all else in the folder of its bundle.
    bundle: str | None = getattr(sys, "_MEIPASS", None)
    # Not by sysconfig, which takes a good part of the time of listing a file.
    installed = [sys.executable, bundle] if bundle else site.getsitepackages()
    # Archives and folders of the interpreter itself, and where else packages are installed: for one user, or on
    # PYTHONPATH. An editable checkout's root is left out.
    own = [entry for entry in sys.path if Path(entry).is_relative_to(sys.base_prefix) or Path(entry).name in _INSTALLED]
    named = [str(Path(os.__file__).parent), *installed, *own]
    paths = {Path(name).resolve() for name in (*named, *_SYSTEM)} | {package, package.parent / "resources"}
    there = {path for path in paths if path.exists()}
    return tuple(sorted(path for path in there if there.isdisjoint(path.parents)))


def die_with_parent(parent: int) -> None:
    """Have the kernel end this process when `parent` is gone, also if it already is.

    The kernel means the thread that forked: a launcher forks from its only one.
    """
    import signal  # its tables take longer to load than a small file to read

    prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:
        os._exit(0)


def _several_threads() -> bool:
    try:
        return len(os.listdir("/proc/self/task")) > 1  # noqa: PTH208 - only the count is wanted
    except OSError:
        return False


def lock(paths: Iterable[Path], cache: Path | None = None, bounds: Limits | None = None) -> LockReport:
    """Shut this process in, for good.

    Args:
        paths: files and folders that it may read; for a file its folder stays closed, but for those that belong to it
            by their names, as shards to their index.
        cache: a folder that it may read too.
        bounds: what it may use; None leaves that alone.
    """
    if not sys.platform.startswith("linux"):
        return LockReport("partial", (tr("this system has neither Landlock nor seccomp"),))
    missing: list[str] = []
    several = _several_threads()
    keep_in_sight()
    if bounds is not None:
        limits.apply(bounds)
    try:
        landlock.allow_only_reading((*with_companions(paths), *always_readable(), *((cache,) if cache else ())))
    except OSError as error:
        no_landlock = tr("this system has no Landlock, so other files could be read ({error})")
        missing.append(no_landlock.format(error=error.strerror))
    else:
        if several:
            missing.append(tr("threads that already ran are not held by Landlock"))
    try:
        seccomp.refuse_calls()
    except (OSError, KeyError):
        missing.append(tr("this system takes no seccomp filter, so network and programs could be reached"))
    return LockReport("partial" if missing else "full", tuple(missing))
