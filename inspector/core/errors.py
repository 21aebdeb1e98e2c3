"""The one tree of errors.

InspectorError
├── FileError            a file that cannot be read as what it should be
│   ├── MissingError     it is not there, or may not be read
│   ├── UnknownKindError no reader claims it
│   ├── DamagedError     it breaks off, or contradicts itself
│   ├── UnsupportedError it is whole, but of a sort this program does not read
│   └── LimitError       reading on would take more than the limits allow
├── SettingsError        a settings path or value that the recipe does not take
├── RunFolderError       a run folder that cannot be written or resumed
├── ReaderLostError      a reader process died or overran its limits
├── UsageError           the command line asks for something that makes no sense
└── WorkCancelled        the work was asked to stop (not a failure)
"""

from __future__ import annotations

from pathlib import Path


class InspectorError(Exception):
    """The root of every error this program raises on purpose; its text is one sentence fit to show."""


class FileError(InspectorError):
    """A file that cannot be read as what it should be.

    Args:
        path: the file; its name opens the sentence, its folder is kept out of it.
        expected: what a good file would have here.
        found: what is there instead.
        advice: what the user can do; may be empty.
    """

    def __init__(self, path: Path | str, expected: str, found: str, advice: str = "") -> None:
        self.path = Path(path)
        self.expected = expected
        self.found = found
        self.advice = advice
        sentence = f"{self.path.name or self.path}: {self.mismatch}"
        super().__init__(f"{sentence}; {advice}" if advice else sentence)

    @property
    def mismatch(self) -> str:
        """What was expected and what was found, for a sentence that names the file, or its part, by itself."""
        return f"expected {self.expected}, found {self.found}"


class MissingError(FileError):
    """The file is not there, or may not be read."""


class UnknownKindError(FileError):
    """No reader claims the file."""


class DamagedError(FileError):
    """The file breaks off, or contradicts itself."""


class UnsupportedError(FileError):
    """The file is whole, but of a sort this program does not read."""


class LimitError(FileError):
    """Reading on would take more time or memory than the limits allow.

    Args:
        path, expected, found, advice: as of `FileError`.
        more: whether generous limits allow it.
    """

    def __init__(self, path: Path | str, expected: str, found: str, advice: str = "", *, more: bool = False) -> None:
        super().__init__(path, expected, found, advice)
        self.more = more


class SettingsError(InspectorError):
    """A settings path or value that the recipe does not take.

    Args:
        sentence: fit to show.
        path: the setting that it is about; empty where it is about none.
    """

    def __init__(self, sentence: str, path: str = "") -> None:
        self.path = path
        super().__init__(sentence)


class RunFolderError(InspectorError):
    """A run folder that cannot be written or resumed."""


class ReaderLostError(InspectorError):
    """A reader process died or overran its limits."""


class UsageError(InspectorError):
    """The command line asks for something that makes no sense."""


class WorkCancelled(Exception):  # noqa: N818 - it is not an error
    """The work was asked to stop."""
