"""`resume --template`: a script of somebody's goes on from a checkpoint, as a run that is followed like any other."""

from __future__ import annotations

import hashlib
import shutil
import subprocess
import sys
from pathlib import Path

import msgspec
import pytest

from inspector.core.resources import resource
from inspector.formats.run_folder import Edit, RunRecord
from inspector.formats.unpickled_names import names_to_trust
from inspector.jobs.children import child_command

SCRIPT = """
import pathlib, sys
arguments = dict(zip(sys.argv[1::2], sys.argv[2::2]))
print(f"step 1401 | loss 0.5 | lr {arguments['--lr']}", flush=True)
pathlib.Path(arguments["--out"], "here").write_text(pathlib.Path.cwd().name)
print(arguments["--like"], file=sys.stderr)
sys.exit(int(arguments.get("--exit", 0)))
"""

TEMPLATE = """
title = "somebody's"
command = ["{python}", "train.py", "--like", "{checkpoint}", "--out", "{output}"]
folder = "code"
rate_owner = "checkpoint"
settings.lr = {arguments = ["--lr", "{value}"], source = "settings.optim.lr", kind = "number", minimum = 0.0}
settings.exit = {arguments = ["--exit", "{value}"], kind = "integer"}
"""


@pytest.fixture
def place(tmp_path: Path) -> Path:
    """A run with one checkpoint, a script and a template for it."""
    (tmp_path / "run").mkdir()
    shutil.copy(resource("sample_run/checkpoints/step_0001400.pt"), tmp_path / "run")
    (tmp_path / "code").mkdir()
    (tmp_path / "code/train.py").write_text(SCRIPT)
    (tmp_path / "resume.toml").write_text(TEMPLATE)
    return tmp_path


def resume(place: Path, *more: str) -> subprocess.CompletedProcess[str]:
    command = child_command("window", "resume", str(place / "run"), "--template", str(place / "resume.toml"), *more)
    return subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)


def record(run: Path) -> RunRecord:
    return msgspec.json.decode((run / "run.json").read_bytes(), type=RunRecord)


def test_a_script_goes_on_in_a_run_of_its_own_and_the_old_one_is_not_touched(place):
    checkpoint = place / "run/step_0001400.pt"
    digest = hashlib.sha256(checkpoint.read_bytes()).hexdigest()
    done = resume(place, "--set", "lr=3e-4")
    run = place / "run-resumed"
    assert done.returncode == 0, done.stderr
    assert (run / "here").read_text() == "code"
    assert (run / "train.log").read_text() == f"step 1401 | loss 0.5 | lr 0.0003\n{checkpoint}\n"
    told = record(run)
    assert (told.status, told.recipe) == ("finished", "somebody's")
    assert told.parent is not None
    assert (told.parent.sha256, told.parent.step, told.parent.path) == (digest, 1400, str(place / "run"))
    edits = msgspec.json.decode((run / "edits.json").read_bytes(), type=list[Edit])
    assert edits == [Edit(path="lr", old=0.006, new=3e-4)]
    assert [path.name for path in (place / "run").iterdir()] == [checkpoint.name]
    assert hashlib.sha256(checkpoint.read_bytes()).hexdigest() == digest


def test_a_script_that_fails_is_told_with_its_last_line(place):
    assert resume(place, "--set", "lr=1e-3", "--set", "exit=7").returncode == 7
    told = record(place / "run-resumed")
    assert told.status == "failed"
    assert told.reason == f"The trainer ended with exit code 7: {place / 'run/step_0001400.pt'}"


def test_a_dry_run_tells_command_and_owner_of_the_rate_and_runs_nothing(place):
    done = resume(place, "--set", "lr=1e-3", "--dry-run")
    assert done.returncode == 0
    assert done.stdout.startswith(f"{sys.executable} train.py --like {place}/run/step_0001400.pt --out ")
    assert "Edit lr: 0.006 -> 0.001" in done.stdout
    assert "an edited rate has no effect" in done.stdout
    assert not (place / "run-resumed").exists()


def test_a_checkpoint_that_calls_more_than_torch_is_not_handed_on_unasked(place):
    # {"a": os.system("true")}
    (place / "run/evil.pt").write_bytes(b"\x80\x02}U\x01acos\nsystem\nX\x04\x00\x00\x00true\x85Rs.")
    done = resume(place, "--from", "evil.pt", "--set", "lr=1e-3")
    assert done.returncode == 2
    assert "evil.pt: the script's torch.load may call" in done.stderr
    assert "system" in done.stderr
    assert "run-inspector clean" in done.stderr
    assert not (place / "run-resumed").exists()


@pytest.mark.parametrize(
    ("more", "says"),
    [
        (["--set", "depth=3"], "depth is not a setting of the template"),
        (["--set", "lr=-1"], "lr takes a number from 0"),
        (["--from", "nothing.pt"], "nothing.pt: expected a checkpoint, found no such file"),
        (["--template", "/nowhere/resume.toml"], "resume.toml: expected a resume template"),
    ],
)
def test_what_makes_no_sense_is_said_before_anything_is_written(place, more, says):
    done = resume(place, *more)
    assert done.returncode == 2
    assert says in done.stderr
    assert not (place / "run-resumed").exists()


def test_only_names_that_weights_only_loading_allows_need_no_trust():
    import torch._weights_only_unpickler as oracle

    from inspector.artifacts.clean.torch_values import ALLOWED

    assert names_to_trust(ALLOWED) == ()
    allowed = oracle._get_allowed_globals()
    near = [*ALLOWED, "torch.Size", "torch.device", "os.system", "torch.hub.load", "torch._utils._rebuild_tensor_v2x",
            "torch.serialization.load", "collections.OrderedDict.update", "torch.storage.os", "torch.load",
            "torch.nn.Linear", "builtins.eval", "torch.Storage.__init__", "torchx.FloatStorage"]  # fmt: skip
    for name in near:
        if not names_to_trust([name]):
            assert name in allowed or name.endswith("Storage"), name
    calls = {"os.system", "torch.hub.load", "torch.load", "torch.nn.Linear", "builtins.eval"}
    assert calls <= set(names_to_trust(near))
