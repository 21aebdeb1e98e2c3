"""The trainer as a child of the window that gives one answer, unlike one that trains and may outlive it."""

from __future__ import annotations

from PySide6.QtCore import QObject, QProcess, QProcessEnvironment

from inspector.jobs.children import child_command, child_environment


def trainer_child(parent: QObject, *arguments: str) -> QProcess:
    """A child that is to be started: the trainer with these arguments."""
    process = QProcess(parent)
    environment = QProcessEnvironment()
    for name, value in child_environment("training").items():
        environment.insert(name, value)
    process.setProcessEnvironment(environment)
    program, *rest = child_command("training", *arguments)
    process.setProgram(program)
    process.setArguments(rest)
    return process
