"""A Python file that the user has named, run as a module."""

from __future__ import annotations

import importlib.util
import sys
import traceback
from importlib.machinery import SourceFileLoader
from pathlib import Path
from types import CodeType, ModuleType

from inspector.core.errors import FileError, MissingError


class _PresentText(SourceFileLoader):
    """Compiles the text that the file has now.

    Python's own loader keeps what it compiled in the user's folder, and takes it again for a text that was rewritten
    within the second and is as long: an edited number would have no effect.
    """

    def get_code(self, fullname: str) -> CodeType:  # noqa: ARG002 - the loader has one module
        return self.source_to_code(self.get_data(self.path), self.path)


def run_python_file(path: Path, name: str, expected: str, remedy: str) -> ModuleType:
    """The file, run as the module `name`; what lies in its folder can be imported by it. No file is written.

    Raises:
        MissingError: there is no such file.
        FileError: it fails while it is run; `expected` and `remedy` say what it should be and what to do.
    """
    if not path.is_file():
        raise MissingError(path, expected, "no such file", "check the path")
    spec = importlib.util.spec_from_loader(name, _PresentText(name, str(path)))
    if spec is None or spec.loader is None:
        raise FileError(path, expected, "a file that Python does not import", remedy)
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    sys.path.append(str(path.parent.resolve()))
    kept = sys.dont_write_bytecode
    sys.dont_write_bytecode = True
    try:
        spec.loader.exec_module(module)
    except (Exception, SystemExit) as error:
        raise FileError(path, expected, failure_text(error, path), remedy) from error
    finally:
        sys.dont_write_bytecode = kept
    return module


def failure_text(error: BaseException, path: Path) -> str:
    """`ZeroDivisionError: division by zero in line 12`, the line being the innermost one of the file itself."""
    frames = reversed(traceback.extract_tb(error.__traceback__))
    line = error.lineno if isinstance(error, SyntaxError) else None
    line = line or next((frame.lineno for frame in frames if frame.filename == str(path)), None)
    text = error.msg if isinstance(error, SyntaxError) else str(error)
    return f"{type(error).__name__}: {text}{f' in line {line}' if line else ''}"
