"""What is on the clipboard, opened: paths and file addresses as these files, other text as the log of a run."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

from PySide6.QtCore import QMimeData, QUrl

from inspector.app.arrivals import Arrivals
from inspector.app.desk import Desk
from inspector.app.news import Message
from inspector.core.files import write_atomically
from inspector.core.language import tr, tr_many
from inspector.core.places import data_folder
from inspector.core.units import count_text
from inspector.jobs.reach import there
from inspector.session.store import load_recent, load_session

MAX_TEXT_CHARACTERS = 32_000_000
MAX_PATHS = 1_000
_SUFFIX = ".log"


def paste(data: QMimeData | None, desk: Desk, arrivals: Arrivals) -> None:
    """Open what is on the clipboard; None where nothing is, as Qt gives it."""
    paths = pasted_paths(data) if data else ()
    if paths:
        arrivals.bring(paths)
        return
    text = data.text() if data else ""
    if not text.strip():
        desk.message.emit(Message(tr("There is neither text nor a file on the clipboard")))
        return
    if len(text) > MAX_TEXT_CHARACTERS:
        sentence = tr_many(
            "The clipboard holds {count} character; save it as a file and drop that",
            "The clipboard holds {count} characters; save them as a file and drop that",
            len(text),
        )
        desk.message.emit(Message(sentence.format(count=count_text(len(text)))))
        return
    try:
        path, name = keep_pasted(text)
    except OSError as error:
        sentence = tr("What was pasted could not be kept in {folder} ({why})")
        desk.message.emit(Message(sentence.format(folder=pasted_folder(), why=error.strerror)))
        return
    desk.open((path,), name=name)


def pasted_paths(data: QMimeData) -> tuple[str, ...]:
    """The files that the clipboard names: copied in a file manager, or as text, one a line; empty where it is text."""
    urls = [url.toLocalFile() for url in data.urls() if url.isLocalFile()] if data.hasUrls() else []
    if urls:
        return tuple(urls)
    lines = [line.strip() for line in data.text()[: MAX_PATHS * 4096].splitlines() if line.strip()]
    paths = [_path(line) for line in lines[: MAX_PATHS + 1]]
    return tuple(path for path in paths if path) if 0 < len(lines) <= MAX_PATHS and all(paths) else ()


def _path(line: str) -> str:
    """The path in a line of text, empty where it is none or nothing is there."""
    text = line.strip("\"'")
    if text.startswith("file:"):
        text = QUrl(text).toLocalFile()
    if not text.startswith(("/", "~/")):
        return ""
    try:
        path = Path(text).expanduser()
        return str(path) if there(path) is not None else ""
    except (OSError, RuntimeError, ValueError):  # a name too long, an unknown user, a NUL
        return ""


def keep_pasted(text: str) -> tuple[str, str]:
    """Write text that was pasted into the user's data folder; its path, and the name of its run (`pasted 14:32`).

    Raises:
        OSError: it cannot be written.
    """
    now = datetime.now().astimezone()
    folder = pasted_folder()
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    path = folder / f"pasted {now:%Y-%m-%d %H.%M.%S.%f}{_SUFFIX}"
    write_atomically(path, text.encode("utf-8", "replace"), durable=False)
    return str(path), f"pasted {now:%H:%M}"


def pasted_folder() -> Path:
    """Where pasted text is kept."""
    return data_folder() / "pasted"


def sweep_pasted() -> None:
    """Remove pasted text that neither the last session nor the recent list names."""
    named = {path for run in load_session().every_run for path in run.paths}
    named |= {path for entry in load_recent() for path in entry.paths}
    for path in pasted_folder().glob(f"*{_SUFFIX}"):
        if str(path) not in named:
            path.unlink(missing_ok=True)
