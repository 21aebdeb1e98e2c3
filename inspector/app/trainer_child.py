"""The trainer as a child of the window that gives one answer, unlike one that trains and may outlive it."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QObject, QProcess, QProcessEnvironment

from inspector.jobs.children import foreign_environment
from inspector.jobs.travelling import training_command


def trainer_child(parent: QObject, *arguments: str, interpreter: str = "") -> QProcess:
    """A child that is to be started: the trainer with these arguments, in another interpreter where one is named.

    Raises:
        OSError: the rooms that travel to another interpreter could not be put into the cache folder.
    """
    return child(parent, training_command(interpreter, *arguments))


def child(parent: QObject, command: Sequence[str]) -> QProcess:
    """A child that is to be started, by its argument list."""
    process = QProcess(parent)
    environment = QProcessEnvironment()
    for name, value in foreign_environment().items():
        environment.insert(name, value)
    process.setProcessEnvironment(environment)
    program, *rest = command
    process.setProgram(program)
    process.setArguments(rest)
    return process
