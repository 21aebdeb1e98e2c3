"""`train`, `record` and `resume`: this process becomes the trainer, whose own parser reads what follows."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from pathlib import Path

from inspector.command_line.becoming import become
from inspector.command_line.command import Command, Options
from inspector.command_line.which_python import interpreter_of


def _become_trainer(options: Options) -> int:
    """Become the trainer, under a supervisor where it writes a run."""
    from inspector.jobs.children import child_command, child_environment, foreign_environment
    from inspector.jobs.travelling import training_command

    name, rest = options.command, list(options.rest)
    if name == "resume" and any(word.partition("=")[0] == "--template" for word in rest):
        from inspector.command_line.script_resume import resume_script

        return resume_script(rest)
    interpreter = interpreter_of(rest)
    run = _run_to_write(name, rest)
    command = training_command(interpreter, name, *rest)
    if run is None:
        return become(command, foreign_environment())
    return become(child_command("supervisor", "--run", str(run), "--", *command), child_environment("supervisor"))


def _run_to_write(name: str, rest: list[str]) -> Path | None:
    """The run folder that a command will write; a resume without one gets `-o` beside its parent."""
    import argparse

    from inspector.formats.run_folder import resumed_folders

    look = argparse.ArgumentParser(add_help=False, allow_abbrev=False, exit_on_error=False)
    look.add_argument("run", nargs="?")
    look.add_argument("-o", "--output")
    look.add_argument("--dry-run", action="store_true")
    look.add_argument("-h", "--help", action="store_true")
    try:
        found, _others = look.parse_known_args(rest)
    except argparse.ArgumentError:
        return None
    if name == "record" or found.dry_run or found.help or found.run is None:
        return None
    if found.output:
        return Path(found.output)
    if name != "resume" or not Path(found.run).is_dir():
        return None
    run = next(path for path in resumed_folders(Path(found.run).resolve()) if not path.exists())
    rest += ["-o", str(run)]
    return run


def _passed_on(name: str, arguments: Sequence[str]) -> Options:
    return Options(command=name, rest=arguments)


_TEXTS = {
    "train": "train a recipe: train slots -o RUN [--set optim.lr=1e-4]...",
    "record": "record the activations of a checkpoint",
    "resume": "resume a run into a new folder, with edited settings",
}

COMMANDS = {name: Command(_become_trainer, text, plain=partial(_passed_on, name)) for name, text in _TEXTS.items()}
