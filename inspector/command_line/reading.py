"""`info`, `clean`, `metrics`, `diff`, `triage` and `report`: what files hold, read by a process that is locked."""

from __future__ import annotations

import gc
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from inspector.command_line.command import Command, Options
from inspector.core.errors import UsageError

if TYPE_CHECKING:
    import argparse


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


def _report(options: Options) -> int:
    from inspector.reader.report_command import report

    rules = Path(options.rules) if options.rules else None
    return report(tuple(Path(path) for path in options.paths), Path(options.output), as_json=options.json, rules=rules)


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
    from inspector.reader.triage_command import print_schema, triage

    if options.schema:
        return print_schema()
    if not options.paths:
        raise UsageError("triage takes a run: a folder, or files of one")
    form: Literal["text", "json", "sarif"] = "json" if options.json else "sarif" if options.sarif else "text"
    rules = Path(options.rules) if options.rules else None
    return triage(tuple(Path(path) for path in options.paths), form=form, fail_on=options.fail_on, rules=rules)


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


def _report_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("paths", nargs="+", metavar="PATH", help="a run: its folder, or files of it")
    parser.add_argument("-o", "--output", required=True, metavar="OUT", help=".html, which needs nothing else, or .md")
    parser.add_argument("--json", action="store_true")
    _rules_argument(parser)


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
    from inspector.diagnosis.values import Severity

    parser.add_argument("paths", nargs="*", metavar="PATH")
    style = parser.add_mutually_exclusive_group()
    style.add_argument("--json", action="store_true", help="as run-inspector-triage/1")
    style.add_argument("--sarif", action="store_true", help="as SARIF 2.1.0")
    style.add_argument("--schema", action="store_true", help="print the JSON Schema of --json")
    parser.add_argument("--fail-on", choices=[severity.value for severity in Severity], metavar="SEVERITY")
    _rules_argument(parser)


def _rules_argument(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--rules", metavar="FILE.py", help="also look for what this file looks for; it is run")


COMMANDS = {
    "info": Command(_info, "what a file or folder is, and what is in it", _info_arguments, _plain_info),
    "clean": Command(
        _clean,
        "a checkpoint rewritten as tensors and plain values, for torch.load(weights_only=True)",
        _clean_arguments,
    ),
    "metrics": Command(_metrics, "the curves of any log", _metrics_arguments),
    "diff": Command(_diff, "what differs between two checkpoints or two runs", _diff_arguments),
    "triage": Command(_triage, "what went wrong, with evidence", _triage_arguments),
    "report": Command(_report, "the verdict, findings, curves and samples of a run as one page", _report_arguments),
}
