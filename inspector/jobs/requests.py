"""What the window asks: of a reader, and of the launcher that forks readers."""

from __future__ import annotations

from typing import Any

import msgspec

from inspector.formats.fleet import FleetRun
from inspector.formats.messages import Envelope, encode
from inspector.formats.role_corrections import FileCorrections
from inspector.jobs.bounds import Limits


class Open(msgspec.Struct, frozen=True):
    """`open`: the reader's paths as one Run."""


class Refresh(msgspec.Struct, frozen=True):
    """`refresh`: the Run as it is now, None where nothing changed since the last answer."""


class Diagnose(msgspec.Struct, frozen=True):
    """`diagnose`: the Run's Diagnosis.

    Attributes:
        until_step: of the run as it was by then; None for all of it.
        first: only what curves tell as far as they were read, in a moment.
    """

    until_step: float | None = None
    first: bool = False


class JudgeByOwnRules(msgspec.Struct, frozen=True):
    """`own rules`: what the rules that the reader ran before its lock find in all of the run, as a Diagnosis.

    Attributes:
        until_step: of the run as it was by then; None for all of it.
    """

    until_step: float | None = None


class LockAsk(msgspec.Struct, frozen=True):
    """`lock`: what keeps the reader in, as `Lock`."""


class Lock(msgspec.Struct, frozen=True):
    """Whether a reader can open only its own files and reach nothing else, and what keeps it in, as one sentence."""

    full: bool
    sentence: str


class Verify(msgspec.Struct, frozen=True):
    """`verify`: whether the bytes of the reader's first path are those that were written, as `Verified`."""


class SummariesToKeep(msgspec.Struct, frozen=True):
    """`summaries`: what the reader has worked out since it was last asked, for the cache."""


class ScansToKeep(msgspec.Struct, frozen=True):
    """`scans`: what the reader has worked out of whole dumps since it was last asked, for the cache."""


class Clean(msgspec.Struct, frozen=True):
    """`clean`: the reader's first path rewritten as tensors and plain values into the output, as `CleanCopy`."""


class Export(msgspec.Struct, frozen=True):
    """`export`: one tensor of the reader's first path as `.npy` into the output, as `ExportedTensor`.

    Attributes:
        name: the tensor's.
        raw: keep the bits of types that numpy does not have as integers, rather than their values as float32.
    """

    name: str
    raw: bool = False


class WhichRuns(msgspec.Struct, frozen=True):
    """`which runs`: the runs among the reader's paths, as `Grouping`."""


class Survey(msgspec.Struct, frozen=True):
    """`survey`: rows of runs of a folder, as a tuple of `FleetRow`.

    Attributes:
        folder: that holds them, and that the reader may read.
        runs: those that are wanted.
        known: only those whose row is kept and whose files are as they were; no file is opened.
    """

    folder: str
    runs: tuple[FleetRun, ...]
    known: bool = False


class ListPacked(msgspec.Struct, frozen=True):
    """`list packed`: what may be unpacked of the archive that is the reader's first path, as `PackedRun`."""


class Unpack(msgspec.Struct, frozen=True):
    """`unpack`: one file of that archive written into the output, as `UnpackedFile`.

    Attributes:
        name: as in `PackedRun`.
    """

    name: str


class ExportCurves(msgspec.Struct, frozen=True):
    """`export curves`: points of the curves of runs into the output, as `ExportedCurves`.

    Attributes:
        ask: a `DataAsk` of `display.curves.export`, encoded.
    """

    ask: msgspec.Raw


class ExportSamples(msgspec.Struct, frozen=True):
    """`export samples`: numbers, marks and points of samples of a dump into the output, as `ExportedSamples`.

    Attributes:
        ask: a `SampleRowsAsk` of `display.gallery.export`, encoded.
    """

    ask: msgspec.Raw


class HelpAsk(msgspec.Struct, frozen=True):
    """`help`: the page of each kind of finding, as `HelpPages`; no path is read."""


class ReportRun(msgspec.Struct, frozen=True):
    """`report`: what there is to say of a run as one page into the output, as `WrittenReport`.

    Attributes:
        ask: a `ReportAsk` of `display.report.values`, encoded.
    """

    ask: msgspec.Raw


class SceneAsk(msgspec.Struct, frozen=True):
    """`scene`: a viewer's scene.

    Attributes:
        viewer: its key.
        ask: the viewer's own ask, encoded.
    """

    viewer: str
    ask: msgspec.Raw


def scene_ask(viewer: str, ask: Any) -> SceneAsk:
    """The request for a viewer's scene; `ask` is the viewer's own frozen struct, without arrays."""
    return SceneAsk(viewer, msgspec.Raw(encode(ask)[0]))


def curves_export(ask: Any) -> ExportCurves:
    """The request for points of curves; `ask` is a frozen struct without arrays."""
    return ExportCurves(msgspec.Raw(encode(ask)[0]))


def samples_export(ask: Any) -> ExportSamples:
    """The request for samples as a table; `ask` is a frozen struct without arrays."""
    return ExportSamples(msgspec.Raw(encode(ask)[0]))


def run_report(ask: Any) -> ReportRun:
    """The request for a report; `ask` is a frozen struct without arrays."""
    return ReportRun(msgspec.Raw(encode(ask)[0]))


FORK = "fork"
FORKED = "forked"
ENDED = "ended"
END = "end"
READY = "ready"
BROKEN = "broken"


def fork_descriptors(envelope: Envelope) -> int:
    """How many descriptors come with a message to the launcher: the reader's socket with a `fork`."""
    return 1 if envelope.kind == FORK else 0


class Fork(msgspec.Struct, frozen=True):
    """`fork`: start a reader on these paths; its end of a socket comes along, the envelope's id names it.

    Attributes:
        role_corrections: what the user says of datasets in dumps.
        rules: a Python file that the user has named, which the reader runs before it locks itself; empty for none.
    """

    paths: tuple[str, ...]
    cache: str
    limits: Limits
    role_corrections: tuple[FileCorrections, ...] = ()
    rules: str = ""


class Forked(msgspec.Struct, frozen=True):
    """`forked`: the reader runs."""

    pid: int


class Ended(msgspec.Struct, frozen=True):
    """`ended`: the reader is gone.

    Attributes:
        returncode: as `subprocess` gives it, negative for a signal; None if it could not be started.
        how: the same in words (`ended by SIGSEGV`).
        detail: the last it wrote to stderr.
    """

    returncode: int | None
    how: str
    detail: str = ""


class Broken(msgspec.Struct, frozen=True):
    """`broken`: the launcher cannot do its work."""

    sentence: str
    detail: str = ""
