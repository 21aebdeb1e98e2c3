"""The trainer's command line: `python -I -m inspector.training train|resume|plan|record|settings`."""

from __future__ import annotations

import argparse
import sys
import traceback
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NoReturn

import msgspec

from inspector.core.errors import InspectorError, UsageError, WorkCancelled
from inspector.core.exit_codes import BAD_INPUT, FAILED, INTERRUPTED
from inspector.formats.nonfinite import to_json
from inspector.formats.settings import edits_of_arguments

_NEEDED = {"torch": "torch", "lightning_fabric": "lightning-fabric"}
"""Modules of the extra `train`, and the packages that have them."""


class _Parser(argparse.ArgumentParser):
    """Says what is wrong in one sentence."""

    def error(self, message: str) -> NoReturn:
        raise UsageError(f"{message}; see {self.prog} --help")


def parser(prog: str = "run-inspector") -> argparse.ArgumentParser:
    """The arguments of every command of the trainer."""
    top = _Parser(prog=prog, description="Train, record and resume")
    commands = top.add_subparsers(dest="command", required=True)

    train = commands.add_parser("train", help="train a recipe into a new run folder")
    train.add_argument("recipe", metavar="RECIPE|FILE.py", help="a recipe of this program, or a file of your own")
    train.add_argument("-o", "--output", required=True, metavar="RUN")
    train.add_argument("--model-size", default="mini", metavar="SIZE")
    train.add_argument("--preset", default="", metavar="NAME[,NAME]")
    train.add_argument("--epochs", type=int, metavar="N", help="end after N epochs, before the schedule's horizon")
    _add_shared(train)

    resume = commands.add_parser("resume", help="go on from a checkpoint in a new run folder")
    _add_resume(resume)
    resume.add_argument("-o", "--output", metavar="RUN")
    resume.add_argument("--dry-run", action="store_true", help="take one step, write nothing, print the plan")
    _add_shared(resume)

    plan = commands.add_parser("plan", help="the rates that a resume would use, as JSON; request on stdin without RUN")
    _add_resume(plan, optional=True)
    plan.add_argument("--dry-run", action="store_true")
    _add_shared(plan)

    settings = commands.add_parser("settings", help="every setting of a recipe, or of a file of your own, which is run")
    settings.add_argument("recipe", metavar="RECIPE|FILE.py")
    settings.add_argument("--json", action="store_true", help="as JSON Schema")

    _add_record(commands.add_parser("record", help="activations of a checkpoint as a dump", epilog=_OWN_MODEL))
    return top


_OWN_MODEL = (
    "Checkpoints of this program's own recipes are recorded. For any other model, add a few lines to your own script:"
    " Help, Record your own model shows them, as does resources/help/record.md."
)


def _add_record(command: argparse.ArgumentParser) -> None:
    command.add_argument("run", metavar="RUN", help="a run folder, a checkpoint, or a folder of checkpoints")
    command.add_argument("--checkpoint", metavar="best|last|FILE", help="of a run folder; last without it")
    command.add_argument("--all", action="store_true", help="a dump for each checkpoint")
    command.add_argument("-o", "--output", metavar="DUMP.h5", help="a file; for several checkpoints a folder")
    command.add_argument("--progress", action="store_true", help="how far it is, as lines of JSON on stderr")
    _add_recipe_file(command)
    _add_shared(command)


def _add_recipe_file(command: argparse.ArgumentParser) -> None:
    command.add_argument(
        "--recipe", default="", metavar="FILE.py", help="the recipe file that trained the run; it is run"
    )


def _add_shared(command: argparse.ArgumentParser) -> None:
    command.add_argument("--set", dest="edits", action="append", default=[], metavar="PATH=VALUE")
    command.add_argument("--device", default="auto", metavar="auto|cpu|cuda:0|mps")
    # Whoever starts the trainer takes it out; it stands here for who asks for help.
    command.add_argument("--python", metavar="PATH", help="another Python that trains, or its environment's folder")
    command.add_argument(
        "--json", action="store_true", help="facts as one JSON object on stdout, console text on stderr"
    )


def _add_resume(command: argparse.ArgumentParser, *, optional: bool = False) -> None:
    command.add_argument("run", nargs="?" if optional else None)
    command.add_argument("--from", dest="checkpoint", default="last", metavar="best|last|FILE")
    command.add_argument("--mode", choices=("exact", "edits", "new-optimizer", "weights"))
    command.add_argument("--rate", choices=("rescale", "restart", "pin"), default="rescale")
    command.add_argument("--epochs", type=int, metavar="N", help="N more epochs")
    _add_recipe_file(command)
    command.add_argument("--reasons", metavar="JSON", help="why, by path: {PATH: [sentence, finding id]}")


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command.

    Returns:
        An exit code of `core.exit_codes`.
    """
    try:
        options = parser().parse_args(arguments)
        return _COMMANDS[options.command](options)
    except InspectorError as error:
        sys.stderr.write(f"{error}\n")
        return BAD_INPUT
    except WorkCancelled:
        sys.stderr.write("Stopped; the dump was not written\n")
        return INTERRUPTED
    except KeyboardInterrupt:
        sys.stderr.write("Interrupted\n")
        return INTERRUPTED
    except ModuleNotFoundError as error:
        missing = _NEEDED.get(error.name or "")
        if missing is None:
            raise
        sys.stderr.write(f"{missing} is not installed here; install run-inspector[train] to train, record and resume\n")
        return BAD_INPUT
    except Exception:  # noqa: BLE001 - the last resort of a program; the traceback is for its authors
        traceback.print_exc()
        sys.stderr.write("The trainer failed; the lines above say where\n")
        return FAILED


def _train(options: argparse.Namespace) -> int:
    from inspector.training import runs

    presets = [name for name in options.preset.split(",") if name]
    return runs.train(
        runs.NewRun(
            recipe=options.recipe,
            output=Path(options.output),
            model_size=options.model_size,
            presets=tuple(presets),
            edits=edits_of_arguments(options.edits),
            epochs=options.epochs,
            device=options.device,
        ),
        as_json=options.json,
    )


def _request(options: argparse.Namespace) -> Any:
    from inspector.training.resume import Request

    try:
        if options.run is None:
            return msgspec.json.decode(sys.stdin.buffer.read(), type=Request)
        reasons = msgspec.json.decode(options.reasons, type=dict[str, tuple[str, str]]) if options.reasons else {}
    except (ValueError, RecursionError) as error:
        raise UsageError(f"the request is not the JSON of a resume: {error}") from error
    return Request(
        run=options.run,
        checkpoint=options.checkpoint,
        edits=dict(edits_of_arguments(options.edits)),
        reasons=reasons,
        rate=options.rate,
        mode=options.mode,
        epochs=options.epochs,
        device=options.device,
        recipe=options.recipe,
    )


def _resume(options: argparse.Namespace) -> int:
    from inspector.training import runs

    if options.dry_run:
        return _plan(options)
    return runs.resume(_request(options), Path(options.output) if options.output else None, as_json=options.json)


def _plan(options: argparse.Namespace) -> int:
    from inspector.training import devices
    from inspector.training.plan import plan, told
    from inspector.training.resume import prepared

    request = _request(options)
    facts = plan(prepared(request), devices.chosen(request.device), trial=options.dry_run)
    if options.json or options.command == "plan":
        sys.stdout.write(to_json(facts).decode() + "\n")
    else:
        sys.stdout.write(told(facts))
    return 0


def _record(options: argparse.Namespace) -> int:
    from inspector.training import recording

    return recording.record(
        recording.Recording(
            run=Path(options.run).expanduser(),
            checkpoint=options.checkpoint,
            every=options.all,
            output=Path(options.output).expanduser() if options.output else None,
            edits=dict(edits_of_arguments(options.edits)),
            device=options.device,
            recipe=options.recipe,
        ),
        as_json=options.json,
        progress=options.progress,
    )


def _settings(options: argparse.Namespace) -> int:
    from inspector.formats.settings_table import settings_text
    from inspector.training.catalogue import trainable

    sys.stdout.write(settings_text(trainable(options.recipe).recipe.settings, as_json=options.json))
    return 0


_COMMANDS = {"train": _train, "resume": _resume, "plan": _plan, "record": _record, "settings": _settings}


if __name__ == "__main__":
    sys.exit(main())
