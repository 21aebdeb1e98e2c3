"""How a process ended, in words."""

from __future__ import annotations

import signal

import msgspec

from inspector.core.language import tr


def signal_name(number: int) -> str:
    """`SIGSEGV` of 11; a number without a name stays one."""
    try:
        return signal.Signals(number).name
    except ValueError:
        return tr("signal {number}").format(number=number)


def ended_how(returncode: int) -> str:
    """`ended by SIGSEGV` or `ended with exit code 3`.

    Args:
        returncode: as `subprocess` gives it, negative for a signal.
    """
    if returncode == -signal.SIGXCPU:
        return tr("ended because its processor time was used up")
    if returncode < 0:
        return tr("ended by {signal}").format(signal=signal_name(-returncode))
    return tr("ended with exit code {code}").format(code=returncode)


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
        """One sentence fit to show; in run.json it is English, for so the supervisor speaks."""
        if self.returncode is None:
            return self.reason
        if self.out_of_memory:
            return tr("The system ended the trainer because memory ran out")
        if self.at_once:
            return tr("The trainer was ended at once, as asked")
        if self.killed:
            return tr("The trainer did not stop when asked and was ended by force")
        if self.well:
            return tr("The trainer stopped as asked") if self.asked else tr("The trainer finished")
        ended = tr("The trainer {ended}").format(ended=ended_how(self.returncode))
        return f"{ended}: {self.last_line}" if self.last_line else ended


def unwatched(returncode: int) -> ProcessEnd:
    """The end of a trainer whose supervisor ended first, as `subprocess` gives that one's return code."""
    sentence = tr("The process that watched the trainer {ended}, so the trainer was asked to stop")
    return ProcessEnd(reason=sentence.format(ended=ended_how(returncode)))
