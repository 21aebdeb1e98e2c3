"""How often the system has ended a process around us because memory ran out."""

from __future__ import annotations

from pathlib import Path

_GROUPS = Path("/sys/fs/cgroup")
_OWN_GROUPS = Path("/proc/self/cgroup")
_WHOLE_SYSTEM = Path("/proc/vmstat")


def _count_in(path: Path) -> int | None:
    """The number after `oom_kill`, None where the file does not tell."""
    try:
        lines = path.read_text("ascii").splitlines()
    except OSError:
        return None
    return next((int(line.split()[1]) for line in lines if line.startswith("oom_kill ")), None)


def memory_kills(own: Path = _OWN_GROUPS, groups: Path = _GROUPS, system: Path = _WHOLE_SYSTEM) -> int:
    """Kills for memory in our own control group, or on the whole system where no group counts them; only ever grows.

    Source:
        cgroup-v2 `memory.events`, cgroup-v1 `memory.oom_control`, `/proc/vmstat`.
    """
    try:
        lines = own.read_text("utf-8").splitlines()
    except OSError:
        lines = []
    for line in lines:
        _, controllers, path = line.split(":", 2)
        inside = path.lstrip("/")
        if not controllers:
            candidates = (groups / inside / "memory.events", groups / "unified" / inside / "memory.events")
        elif "memory" in controllers.split(","):
            # In a container its own group may be mounted at the root.
            candidates = (groups / "memory" / inside / "memory.oom_control", groups / "memory" / "memory.oom_control")
        else:
            continue
        for candidate in candidates:
            count = _count_in(candidate)
            if count is not None:
                return count
    return _count_in(system) or 0
