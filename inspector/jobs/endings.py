"""How a process ended, in words."""

from __future__ import annotations

import signal

import msgspec

from inspector.core.language import tr_later


def signal_name(number: int) -> str:
    """`SIGSEGV` of 11; a number without a name stays one."""
    try:
        return signal.Signals(number).name
    except ValueError:
        return f"signal {number}"


def ended_how(returncode: int) -> str:
    """`ended by SIGSEGV` or `ended with exit code 3`.

    Args:
        returncode: as `subprocess` gives it, negative for a signal.
    """
    if returncode == -signal.SIGXCPU:
        return "ended because its processor time was used up"
    return f"ended by {signal_name(-returncode)}" if returncode < 0 else f"ended with exit code {returncode}"


# A trainer that takes no notice of SIGTERM dies of it, or as a shell words it.
_OBEYED = (0, -signal.SIGTERM, 128 + signal.SIGTERM)


class ProcessEnd(msgspec.Struct, frozen=True, kw_only=True):
    """How a trainer ended.

    Attributes:
        returncode: as `subprocess` gives it, negative for a signal; None if it never started or was lost sight of.
        asked: it had been asked to stop.
        killed: it was ended by force; at_once: because it was asked so, not because it did not stop in time.
        out_of_memory: the system ended it because memory ran out.
        reason: why it never started or was lost, empty otherwise.
        last_line: the last line it wrote to stderr.
    """

    returncode: int | None = None
    asked: bool = False
    killed: bool = False
    at_once: bool = False
    out_of_memory: bool = False
    reason: str = ""
    last_line: str = ""

    @property
    def well(self) -> bool:
        """Whether it ended as it should: by itself, or stopped as asked and in time."""
        if self.asked and not self.killed:
            return self.returncode in _OBEYED
        return self.returncode == 0

    def sentence(self) -> str:
        """One sentence fit to show; what run.json keeps is English."""
        if self.returncode is None:
            return self.reason
        if self.out_of_memory:
            return tr_later("The system ended the trainer because memory ran out")
        if self.at_once:
            return tr_later("The trainer was ended at once, as asked")
        if self.killed:
            return tr_later("The trainer did not stop when asked and was ended by force")
        if self.well:
            return tr_later("The trainer stopped as asked") if self.asked else tr_later("The trainer finished")
        said = f": {self.last_line}" if self.last_line else ""
        return f"The trainer {ended_how(self.returncode)}{said}"


def unwatched(returncode: int) -> ProcessEnd:
    """The end of a trainer whose supervisor ended first, as `subprocess` gives that one's return code."""
    how = ended_how(returncode)
    return ProcessEnd(reason=f"The process that watched the trainer {how}, so the trainer was asked to stop")
