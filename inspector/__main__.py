"""The command line: parses, calls the room that does the work, and turns errors into one sentence and an exit code."""

from __future__ import annotations

import gc
import os
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from types import SimpleNamespace as Options
from typing import TYPE_CHECKING, NamedTuple

from inspector import __version__
from inspector.core.errors import InspectorError, UsageError, WorkCancelled

if TYPE_CHECKING:
    import argparse  # where it is used: it takes a good part of the time of listing a file

DONE, FOUND, BAD_INPUT, INTERNAL = 0, 1, 2, 3

NOT_YET = ("report",)
"""Commands of the design that have not been built; without this their names would be taken for paths."""

PROGRAM = "run-inspector"

VIEWS = ("curves", "slots", "features", "points", "weights", "log", "media", "settings")

Command = Callable[[Options], int]


def _window(options: Options) -> int:
    from inspector.app.launch import run_window

    return run_window(tuple(options.paths))


def _demo(options: Options) -> int:
    from inspector.app.launch import run_demo
    from inspector.app.shot import shot_sample

    return shot_sample(Path(options.shot)) if options.shot else run_demo()


def _shot(options: Options) -> int:
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


def _export(options: Options) -> int:
    from inspector.app.export import Wanted, export

    x_range, placed_only = options.range
    wanted = Wanted(
        paths=tuple(options.paths),
        out=options.output,
        view=options.view,
        panels=tuple(options.panel),
        size=options.size,
        dpi=options.dpi,
        theme=options.theme,
        x_range=x_range,
        placed_only=placed_only,
        x=options.x,
        filter=options.filter,
        smoothing=options.smoothing,
        sample=options.sample,
        step=options.step,
    )
    return export(wanted)


def _info(options: Options) -> int:
    from inspector.core.collector import collector_paused
    from inspector.core.imports import as_if_missing

    with collector_paused():  # modules and one answer, which make hardly any garbage
        with as_if_missing("typing_extensions"):  # a third of msgspec's own time to load, for Pythons before ours
            from inspector.reader.commands import info

        code = info(Path(options.path), as_json=options.json, verify=options.verify, generous=options.generous)
        gc.freeze()  # nor is it looked through when the collector goes on
    return code


def _clean(options: Options) -> int:
    from inspector.reader.file_commands import clean

    return clean(Path(options.path), Path(options.output), as_json=options.json)


def _metrics(options: Options) -> int:
    from inspector.reader.commands import metrics

    return metrics(Path(options.path), tag=options.tag, as_csv=options.csv, as_json=options.json, follow=options.follow)


def _diff(options: Options) -> int:
    from inspector.reader.diff_command import diff

    return diff(
        Path(options.first),
        Path(options.second),
        as_json=options.json,
        every=options.all,
        optimizer=options.optimizer,
        read_all=options.read_all,
    )


def _triage(options: Options) -> int:
    from inspector.reader.commands import triage

    return triage(tuple(Path(path) for path in options.paths), as_json=options.json, fail_on=options.fail_on)


def _trainer(options: Options) -> int:
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


def _settings(options: Options) -> int:
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


def _shortcuts(_options: Options) -> int:
    from inspector.app.commands import shortcut_lines

    print("\n".join(shortcut_lines()))
    return DONE


def _size(text: str) -> tuple[int, int]:
    width, separator, height = text.lower().partition("x")
    if not (
        separator and width.isdigit() and height.isdigit() and 200 <= int(width) <= 8000 and 200 <= int(height) <= 8000
    ):
        import argparse

        raise argparse.ArgumentTypeError(f"takes WIDTHxHEIGHT in pixels, found {text}")
    return int(width), int(height)


def _dpi(text: str) -> float:
    return _number_within(text, 36, 2400, "dots an inch")


def _smoothing_amount(text: str) -> float:
    return _number_within(text, 0, 0.999, "an amount of smoothing")


def _number_within(text: str, low: float, high: float, what: str) -> float:
    try:
        value = float(text)
    except ValueError:
        value = low - 1
    if not low <= value <= high:
        import argparse

        raise argparse.ArgumentTypeError(f"takes {what} from {low:g} to {high:g}, found {text}")
    return value


def _range(text: str) -> tuple[tuple[float, float] | None, bool]:
    """A stretch of x or None, and whether points without a place on the axis are left out."""
    if text in ("all", "visible"):
        return None, text == "visible"
    low, _, high = text.partition(":")
    try:
        ends = float(low or "-inf"), float(high or "inf")
    except ValueError:
        ends = 1.0, 0.0
    if not ends[0] < ends[1] or ":" not in text:
        import argparse

        raise argparse.ArgumentTypeError(f"takes all, visible or LOW:HIGH, found {text}")
    return ends, False


def _demo_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--shot", metavar="OUT.png", help="draw the window into a picture; needs no display")


def _shot_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("paths", nargs="+", metavar="PATH")
    parser.add_argument("--view", choices=VIEWS, default="curves")
    parser.add_argument("--sample", type=int, default=0)
    parser.add_argument("--step", type=float, help="where the cursor stands; the newest without it")
    parser.add_argument("--theme", choices=("dark", "light"), default="dark")
    parser.add_argument("--scale", type=float, choices=(1.0, 1.5, 2.0), default=1.0)
    parser.add_argument("--size", type=_size, default=(1600, 1000), metavar="WxH")
    parser.add_argument("-o", "--output", required=True, metavar="OUT.png")


def _export_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("paths", nargs="+", metavar="PATH")
    parser.add_argument("--view", choices=VIEWS, default="curves")
    parser.add_argument("--panel", action="append", default=[], metavar="NAME", help="only this card; may be repeated")
    parser.add_argument("--size", type=_size, metavar="WxH", help="in pixels of 1/96 inch")
    parser.add_argument("--dpi", type=_dpi, default=192.0, metavar="N", help="of a PNG; it is as large on paper")
    parser.add_argument("--theme", choices=("light", "dark"), default="light")
    parser.add_argument(
        "--range", type=_range, default=(None, False), metavar="all|visible|LOW:HIGH", help="which stretch of x"
    )
    parser.add_argument("--x", default="step", metavar="AXIS", help="step, epoch, time, wall, samples, or a metric")
    parser.add_argument("--filter", default="", metavar="GLOB", help="only these curves; /.../ is a regular expression")
    parser.add_argument("--smoothing", type=_smoothing_amount, default=0.0, metavar="N", help="0 to 0.999")
    parser.add_argument("--sample", type=int, default=0)
    parser.add_argument("--step", type=float, help="where the cursor stands; the newest without it")
    parser.add_argument("-o", "--output", required=True, metavar="OUT.(png|svg|pdf|csv|npz)")


_INFO_SWITCHES = {
    "--json": None,
    "--verify": "compare every record with its checksum; exit code 1 on damage",
    "--generous": "read on where the usual limits end the reading",
}


def _info_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("path", metavar="PATH")
    for switch, text in _INFO_SWITCHES.items():
        parser.add_argument(switch, action="store_true", help=text)


def _plain_info(arguments: Sequence[str]) -> Options | None:
    """The options where they are one path and whole switches, which needs no parser; None for all else."""
    switches = {argument for argument in arguments if argument.startswith("-")}
    paths = [argument for argument in arguments if argument not in switches]
    if len(paths) != 1 or not switches <= _INFO_SWITCHES.keys():
        return None
    return Options(path=paths[0], **{switch[2:]: switch in switches for switch in _INFO_SWITCHES})


def _clean_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("path", metavar="FILE")
    parser.add_argument("-o", "--output", required=True, metavar="OUT.pt")
    parser.add_argument("--json", action="store_true")


def _metrics_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("path", metavar="PATH")
    parser.add_argument("--tag", metavar="GLOB", default="*", help="only these curves")
    style = parser.add_mutually_exclusive_group()
    style.add_argument("--csv", action="store_true")
    style.add_argument("--json", action="store_true")
    parser.add_argument("--follow", action="store_true", help="go on with what is appended")


def _diff_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("first", metavar="A")
    parser.add_argument("second", metavar="B")
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--all", action="store_true", help="show every row, also of what is the same")
    parser.add_argument("--optimizer", action="store_true", help="compare optimizer state too")
    parser.add_argument("--read-all", action="store_true", help="read also what checksums say is the same")


def _triage_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("paths", nargs="+", metavar="PATH")
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--fail-on", choices=("info", "warning", "error", "critical"), metavar="SEVERITY")


def _settings_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("recipe", metavar="RECIPE")
    parser.add_argument("--json", action="store_true")


def _no_arguments(_parser: argparse.ArgumentParser) -> None:
    pass


def _never_plain(_arguments: Sequence[str]) -> Options | None:
    return None


class _Entry(NamedTuple):
    """A command: what runs it, what it is for, what adds its arguments to a parser, and what may do without one."""

    run: Command
    text: str
    add_arguments: Callable[[argparse.ArgumentParser], None] = _no_arguments
    plain: Callable[[Sequence[str]], Options | None] = _never_plain


COMMANDS = {
    "demo": _Entry(_demo, "open the bundled sample run", _demo_arguments),
    "shot": _Entry(_shot, "the real window, off screen, as a picture", _shot_arguments),
    "export": _Entry(_export, "a figure of the curves, their points, or a picture of a view", _export_arguments),
    "info": _Entry(_info, "what a file or folder is, and what is in it", _info_arguments, _plain_info),
    "clean": _Entry(
        _clean,
        "a checkpoint rewritten as tensors and plain values, for torch.load(weights_only=True)",
        _clean_arguments,
    ),
    "metrics": _Entry(_metrics, "the curves of any log", _metrics_arguments),
    "diff": _Entry(_diff, "what differs between two checkpoints or two runs", _diff_arguments),
    "triage": _Entry(_triage, "what went wrong, with evidence", _triage_arguments),
    "train": _Entry(_trainer, "train a recipe: train slots -o RUN [--set optim.lr=1e-4]..."),
    "record": _Entry(_trainer, "record the activations of a checkpoint"),
    "resume": _Entry(_trainer, "resume a run into a new folder, with edited settings"),
    "settings": _Entry(_settings, "every setting of a recipe", _settings_arguments),
    "shortcuts": _Entry(_shortcuts, "every key of the window"),
}


def _parser() -> argparse.ArgumentParser:
    """What tells of all commands, and knows none of their arguments."""
    import argparse

    parser = argparse.ArgumentParser(
        prog=PROGRAM,
        description="See what a training run did, what went wrong, and resume it with the fix",
        epilog="Without a command, the paths are opened in the window.",
    )
    parser.add_argument("--version", action="version", version=f"Run Inspector {__version__}")
    commands = parser.add_subparsers(dest="command", metavar="COMMAND")
    for name, entry in COMMANDS.items():
        commands.add_parser(name, help=entry.text, add_help=False)
    return parser


def _run_command(name: str, arguments: Sequence[str]) -> int:
    """Parse and run one command; a parser of all of them takes as long as a small file."""
    entry = COMMANDS[name]
    if entry.run is _trainer:
        return _trainer(Options(command=name, rest=list(arguments)))
    plain = entry.plain(arguments)
    if plain is not None:
        return entry.run(plain)
    import argparse

    parser = argparse.ArgumentParser(prog=f"{PROGRAM} {name}", description=entry.text)
    entry.add_arguments(parser)
    return entry.run(parser.parse_args(arguments, Options()))


def _run(arguments: Sequence[str]) -> int:
    first = arguments[0] if arguments else ""
    if first in COMMANDS:
        return _run_command(first, arguments[1:])
    if first in ("-h", "--help", "--version"):
        _parser().parse_args(arguments)
    if first in NOT_YET and not Path(first).exists():
        raise UsageError(f"{first} is not there yet; `run-inspector --help` lists the commands")
    wrong = next((argument for argument in arguments if argument.startswith("-")), None)
    if wrong:
        _parser().error(f"{wrong} is not an option here")
    return _window(Options(paths=list(arguments)))


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


def run() -> int:
    """As `main`, for a process that ends then: it need not look through all it holds for garbage once more."""
    code = main()
    gc.freeze()
    return code


if __name__ == "__main__":
    sys.exit(run())
