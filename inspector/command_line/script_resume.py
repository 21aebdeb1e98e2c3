"""`resume --template`: go on with a training script that is not ours, by a template that the user names."""

from __future__ import annotations

import shlex
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from inspector.command_line.becoming import become
from inspector.core.errors import MissingError, RunFolderError, UsageError

if TYPE_CHECKING:
    import argparse

    from inspector.formats.resume_template import ResumeTemplate
    from inspector.jobs.scripts import ScriptRun

_CHECKPOINTS = (".pt", ".pth", ".ckpt", ".bin", ".tar", ".safetensors")


def resume_script(arguments: Sequence[str]) -> int:
    """Resume by a template, or with `--dry-run` tell what would be run.

    Raises:
        InspectorError: the request makes no sense, or a file is not what it should be.
    """
    options = _parser().parse_args(arguments)
    from inspector.formats.resume_template import OWNER_TEXTS, read_template
    from inspector.formats.unpickled_names import names_to_trust, trust_sentence
    from inspector.jobs import scripts
    from inspector.jobs.children import child_command, child_environment
    from inspector.jobs.trainers import supervisor_options

    template = read_template(Path(options.template).expanduser())
    checkpoint = _checkpoint(Path(options.run).expanduser().resolve(), options.checkpoint)
    facts = _facts(checkpoint)
    script = _script(options, template, checkpoint, facts)
    names = names_to_trust(facts["would_import"])
    trust = trust_sentence(checkpoint.name, names, limited=bool(facts.get("limited")))
    if options.dry_run:
        told = [shlex.join(script.command), *_edit_lines(script), f"Note: {OWNER_TEXTS[template.rate_owner]}"]
        sys.stdout.write("".join(f"{line}\n" for line in [*told, *([f"Note: {trust}"] if trust else [])]))
        return 0
    if trust and not options.trust:
        raise UsageError(
            f"{trust}; say --trust if you trust them, or hand over a clean copy: run-inspector clean {checkpoint.name}"
            " -o CLEAN.pt"
        )
    scripts.begin(script)
    options_of_supervisor = supervisor_options(script.run_folder, Path(template.folder))
    command = child_command("supervisor", *options_of_supervisor, "--", *script.command)
    return become(command, child_environment("supervisor"))


def _parser() -> argparse.ArgumentParser:
    import argparse

    parser = argparse.ArgumentParser(prog="run-inspector resume", description="Resume any training script")
    parser.add_argument("run", help="a run folder or a checkpoint")
    parser.add_argument("--template", required=True, metavar="RESUME.toml")
    parser.add_argument("--from", dest="checkpoint", default="last", metavar="last|FILE")
    parser.add_argument("--set", dest="edits", action="append", default=[], metavar="NAME=VALUE")
    parser.add_argument("--device", default="auto")
    parser.add_argument("--python", default="", help="what {python} stands for, or its environment's folder")
    parser.add_argument("--trust", action="store_true", help="hand over a checkpoint that calls more than torch's own")
    parser.add_argument("--dry-run", action="store_true", help="tell the command and run nothing")
    parser.add_argument("-o", "--output", metavar="RUN")
    return parser


def _checkpoint(run: Path, name: str) -> Path:
    if run.is_file():
        return run
    if not run.is_dir():
        raise MissingError(run, "a run folder or a checkpoint", "nothing of that name")
    if name != "last":
        for path in (run / name, Path(name).expanduser().resolve()):
            if path.is_file():
                return path
        raise MissingError(run / name, "a checkpoint", "no such file", "choose one with --from")
    found = [path for path in run.rglob("*") if path.suffix in _CHECKPOINTS and path.is_file()]
    if not found:
        raise RunFolderError(f"{run.name}: expected checkpoints ({', '.join(_CHECKPOINTS)}), found none; name one")
    return max(found, key=lambda path: path.stat().st_mtime)


def _facts(checkpoint: Path) -> dict[str, Any]:
    """What the checkpoint holds and what unpickling it would import, told by a locked process of our own."""
    import msgspec

    from inspector.jobs.children import child_command

    command = child_command("window", "info", str(checkpoint), "--json")
    done = subprocess.run(command, capture_output=True, check=False)  # noqa: S603 - our own program, no shell
    if done.returncode:
        raise UsageError(done.stderr.decode("utf-8", "replace").strip() or f"{checkpoint.name} cannot be read")
    facts: dict[str, Any] = msgspec.json.decode(done.stdout)
    if facts.get("kind") != "checkpoint":
        found = facts.get("kind")
        raise UsageError(f"{checkpoint.name}: expected a checkpoint, found a {found}; choose one with --from")
    return facts


def _script(
    options: argparse.Namespace, template: ResumeTemplate, checkpoint: Path, facts: dict[str, Any]
) -> ScriptRun:
    from inspector.formats.run_folder import resumed_folders
    from inspector.formats.settings import edits_of_arguments
    from inspector.jobs.scripts import ScriptResume, script_run

    run = Path(options.run).expanduser().resolve()
    parent = run if run.is_dir() else run.parent
    free = next(path for path in resumed_folders(parent) if not path.exists())
    return script_run(
        ScriptResume(
            template=template,
            run=parent,
            checkpoint=checkpoint,
            held=facts["objects"],
            edits=edits_of_arguments(options.edits),
            python=_python(options.python, template),
            device=options.device,
            output=Path(options.output).resolve() if options.output else free,
        )
    )


def _python(named: str, template: ResumeTemplate) -> str:
    """What `{python}` stands for: the one that is named, or the one that trains recipes, where it is asked for."""
    from inspector.command_line.which_python import interpreter_of
    from inspector.jobs.interpreters import interpreter_at, own_python

    if named:
        return interpreter_at(named)
    asked_for = any("{python}" in text for text in template.command)
    return (interpreter_of([]) if asked_for else "") or own_python()


def _edit_lines(script: ScriptRun) -> list[str]:
    return [f"Edit {edit.path}: {edit.old} -> {edit.new}" for edit in script.edits]
