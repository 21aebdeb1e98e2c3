"""The command line: parses, calls the room that does the work, and turns errors into one sentence and an exit code."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

from inspector import __version__
from inspector.core.errors import InspectorError, UsageError, WorkCancelled

DONE, FOUND, BAD_INPUT, INTERNAL = 0, 1, 2, 3

NOT_YET = ("report", "export")
"""Commands of the design that have not been built; without this their names would be taken for paths."""

VIEWS = ("curves", "slots", "features", "points", "weights", "log", "settings")

Command = Callable[[argparse.Namespace], int]


def _window(options: argparse.Namespace) -> int:
    from inspector.app.launch import run_window

    return run_window(tuple(options.paths))


def _demo(options: argparse.Namespace) -> int:
    from inspector.app.launch import run_demo
    from inspector.app.shot import shot_sample

    return shot_sample(Path(options.shot)) if options.shot else run_demo()


def _shot(options: argparse.Namespace) -> int:
    from inspector.app.shot import Wanted, shot

    wanted = Wanted(
        paths=tuple(options.paths),
        view=options.view,
        out=options.output,
        sample=options.sample,
        step=options.step,
        theme=options.theme,
        scale=options.scale,
        width_px=options.size[0],
        height_px=options.size[1],
    )
    return shot(wanted)


def _info(options: argparse.Namespace) -> int:
    from inspector.core.imports import as_if_missing

    with as_if_missing("typing_extensions"):  # a third of msgspec's own time to load, for Pythons before ours
        from inspector.reader.commands import info

    return info(Path(options.path), as_json=options.json, verify=options.verify, generous=options.generous)


def _clean(options: argparse.Namespace) -> int:
    from inspector.reader.file_commands import clean

    return clean(Path(options.path), Path(options.output), as_json=options.json)


def _metrics(options: argparse.Namespace) -> int:
    from inspector.reader.commands import metrics

    return metrics(Path(options.path), tag=options.tag, as_csv=options.csv, as_json=options.json, follow=options.follow)


def _diff(options: argparse.Namespace) -> int:
    from inspector.reader.diff_command import diff

    return diff(
        Path(options.first),
        Path(options.second),
        as_json=options.json,
        every=options.all,
        optimizer=options.optimizer,
        read_all=options.read_all,
    )


def _triage(options: argparse.Namespace) -> int:
    from inspector.reader.commands import triage

    return triage(tuple(Path(path) for path in options.paths), as_json=options.json, fail_on=options.fail_on)


def _trainer(options: argparse.Namespace) -> int:
    """Become the trainer, under a supervisor where it writes a run; it has the terminal, and signals reach it."""
    from inspector.jobs.children import child_command

    name, rest = options.command, list(options.rest)
    run = _run_to_write(name, rest)
    command = child_command("training", name, *rest)
    if run is not None:
        command = child_command("supervisor", "--run", str(run), "--", *command)
    sys.stdout.flush()
    os.execv(command[0], command)  # noqa: S606 - our own program, no shell


def _run_to_write(name: str, rest: list[str]) -> Path | None:
    """The run folder that a command will write; a resume without one gets `-o` beside its parent."""
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


def _settings(options: argparse.Namespace) -> int:
    from inspector.formats.recipes.catalogue import recipe_of
    from inspector.formats.settings import fields_of, json_schema, value_text

    recipe = recipe_of(options.recipe)
    if options.json:
        from inspector.formats.nonfinite import to_json

        print(to_json(json_schema(recipe.settings), indent=2).decode())
        return DONE
    for field in fields_of(recipe.settings):
        bounds = " or ".join(field.choices)
        if field.minimum is not None or field.maximum is not None:
            low = "" if field.minimum is None else f"{field.minimum:g}"
            high = "" if field.maximum is None else f"{field.maximum:g}"
            bounds = f"{low} … {high}"
        facts = " · ".join(part for part in (bounds, field.unit, field.applies, field.description) if part)
        print(f"{field.path:<28} {value_text(field.default):<14} {field.title}  ({facts})")
    return DONE


def _shortcuts(_options: argparse.Namespace) -> int:
    from inspector.app.commands import shortcut_lines

    print("\n".join(shortcut_lines()))
    return DONE


def _size(text: str) -> tuple[int, int]:
    width, separator, height = text.lower().partition("x")
    if not (
        separator and width.isdigit() and height.isdigit() and 200 <= int(width) <= 8000 and 200 <= int(height) <= 8000
    ):
        raise argparse.ArgumentTypeError(f"takes WIDTHxHEIGHT in pixels, found {text}")
    return int(width), int(height)


def _parser() -> tuple[argparse.ArgumentParser, dict[str, Command]]:
    parser = argparse.ArgumentParser(
        prog="run-inspector",
        description="See what a training run did, what went wrong, and resume it with the fix",
        epilog="Without a command, the paths are opened in the window.",
    )
    parser.add_argument("--version", action="version", version=f"Run Inspector {__version__}")
    commands = parser.add_subparsers(dest="command", metavar="COMMAND")
    table: dict[str, Command] = {}

    def add(name: str, run: Command, text: str) -> argparse.ArgumentParser:
        table[name] = run
        return commands.add_parser(name, help=text, description=text)

    demo = add("demo", _demo, "open the bundled sample run")
    demo.add_argument("--shot", metavar="OUT.png", help="draw the window into a picture; needs no display")
    shot = add("shot", _shot, "the real window, off screen, as a picture")
    shot.add_argument("paths", nargs="+", metavar="PATH")
    shot.add_argument("--view", choices=VIEWS, default="curves")
    shot.add_argument("--sample", type=int, default=0)
    shot.add_argument("--step", type=float, help="where the cursor stands; the newest without it")
    shot.add_argument("--theme", choices=("dark", "light"), default="dark")
    shot.add_argument("--scale", type=float, choices=(1.0, 1.5, 2.0), default=1.0)
    shot.add_argument("--size", type=_size, default=(1600, 1000), metavar="WxH")
    shot.add_argument("-o", "--output", required=True, metavar="OUT.png")
    info = add("info", _info, "what a file or folder is, and what is in it")
    info.add_argument("path", metavar="PATH")
    info.add_argument("--json", action="store_true")
    info.add_argument(
        "--verify", action="store_true", help="compare every record with its checksum; exit code 1 on damage"
    )
    info.add_argument("--generous", action="store_true", help="read on where the usual limits end the reading")
    clean = add(
        "clean", _clean, "a checkpoint rewritten as tensors and plain values, for torch.load(weights_only=True)"
    )
    clean.add_argument("path", metavar="FILE")
    clean.add_argument("-o", "--output", required=True, metavar="OUT.pt")
    clean.add_argument("--json", action="store_true")
    metrics = add("metrics", _metrics, "the curves of any log")
    metrics.add_argument("path", metavar="PATH")
    metrics.add_argument("--tag", metavar="GLOB", default="*", help="only these curves")
    style = metrics.add_mutually_exclusive_group()
    style.add_argument("--csv", action="store_true")
    style.add_argument("--json", action="store_true")
    metrics.add_argument("--follow", action="store_true", help="go on with what is appended")
    diff = add("diff", _diff, "what differs between two checkpoints or two runs")
    diff.add_argument("first", metavar="A")
    diff.add_argument("second", metavar="B")
    diff.add_argument("--json", action="store_true")
    diff.add_argument("--all", action="store_true", help="show every row, also of what is the same")
    diff.add_argument("--optimizer", action="store_true", help="compare optimizer state too")
    diff.add_argument("--read-all", action="store_true", help="read also what checksums say is the same")
    triage = add("triage", _triage, "what went wrong, with evidence")
    triage.add_argument("paths", nargs="+", metavar="PATH")
    triage.add_argument("--json", action="store_true")
    triage.add_argument("--fail-on", choices=("info", "warning", "error", "critical"), metavar="SEVERITY")
    for name, text in (
        ("train", "train a recipe: train slots -o RUN [--set optim.lr=1e-4]..."),
        ("record", "record the activations of a checkpoint"),
        ("resume", "resume a run into a new folder, with edited settings"),
    ):
        table[name] = _trainer
        commands.add_parser(name, help=text, add_help=False)
    settings = add("settings", _settings, "every setting of a recipe")
    settings.add_argument("recipe", metavar="RECIPE")
    settings.add_argument("--json", action="store_true")
    add("shortcuts", _shortcuts, "every key of the window")
    return parser, table


def _run(arguments: Sequence[str]) -> int:
    parser, table = _parser()
    first = arguments[0] if arguments else ""
    if first in ("train", "record", "resume"):
        return _trainer(argparse.Namespace(command=first, rest=list(arguments[1:])))
    if first in table or first in ("-h", "--help", "--version"):
        options = parser.parse_args(arguments)
        return table[options.command](options)
    if first in NOT_YET and not Path(first).exists():
        raise UsageError(f"{first} is not there yet; `run-inspector --help` lists the commands")
    wrong = next((argument for argument in arguments if argument.startswith("-")), None)
    if wrong:
        parser.error(f"{wrong} is not an option here")
    return _window(argparse.Namespace(paths=list(arguments)))


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line; gives the exit code."""
    try:
        code = _run(sys.argv[1:] if arguments is None else arguments)
        sys.stdout.flush()
        return code
    except InspectorError as error:
        print(error, file=sys.stderr)
        return BAD_INPUT
    except (KeyboardInterrupt, WorkCancelled):
        return 130
    except BrokenPipeError:
        # Whoever read our output has left; nothing is wrong, and nothing is to be flushed to it at exit.
        os._exit(DONE)
    except Exception:  # noqa: BLE001 - the last net: an internal error has its own exit code
        import traceback

        traceback.print_exc()
        return INTERNAL


if __name__ == "__main__":
    sys.exit(main())
