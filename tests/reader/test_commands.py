"""`info`, `metrics` and `triage` as a user runs them: what they print, what they import, how they end."""

from __future__ import annotations

import csv
import io
import json
import subprocess
import sys
from pathlib import Path

import h5py
import numpy as np
import pytest
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

from inspector.core.resources import resource
from inspector.formats.role_corrections import FileCorrections, RoleCorrection
from inspector.session.role_store import keep_roles
from tests.conftest import sample_files
from tests.reader.command import call


def test_info_of_a_checkpoint_has_the_documented_shape() -> None:
    found = json.loads(call("info", resource("sample_run/checkpoints/step_0001400.pt"), "--json").stdout)
    assert (found["kind"], found["container"]) == ("checkpoint", "torch-zip")
    assert set(found) >= {"kind", "container", "bytes", "tensors", "objects", "would_import", "notes"}
    assert set(found["tensors"][0]) == {"name", "shape", "dtype", "bytes", "role"}
    assert any(tensor["name"].startswith("optimizers.main.state.0.exp_avg") for tensor in found["tensors"])
    assert found["objects"]["step"] == 1400


def test_info_of_a_dump_has_the_documented_shape() -> None:
    found = json.loads(call("info", resource("sample_run/dumps/step_0001400.h5"), "--json").stdout)
    assert found["kind"] == "dump"
    assert set(found["datasets"][0]) >= {"path", "shape", "dtype", "chunks", "filters", "role"}
    roles = {dataset["role"] for dataset in found["datasets"]}
    assert roles >= {
        "image",
        "gt_masks",
        "attention",
        "decoder_masks",
        "slots",
        "activation",
        "gt_points",
        "pred_points",
    }


def test_listing_a_checkpoint_loads_neither_numpy_nor_qt() -> None:
    path = resource("sample_run/checkpoints/step_0001400.pt")
    script = f"""
import sys
from inspector.__main__ import main
main(["info", {str(path)!r}, "--json"])
print(sorted(name for name in ("numpy", "h5py", "PySide6", "torch") if name in sys.modules))
"""
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == "[]"


def test_options_mean_the_same_with_and_without_a_parser() -> None:
    path = resource("sample_run/checkpoints/step_0001400.pt")
    plain = call("info", path, "--verify", "--json")
    parsed = call("info", "--verif", "--js", "--", path)
    assert json.loads(plain.stdout)["verified"]["sound"]
    assert (parsed.returncode, parsed.stdout) == (plain.returncode, plain.stdout)


@pytest.mark.parametrize("arguments", [(), ("--json",), ("one", "two"), ("one", "--unknown")])
def test_info_of_anything_but_one_path_is_bad_usage(arguments: tuple[str, ...]) -> None:
    done = call("info", *arguments)
    assert done.returncode == 2
    assert done.stderr.startswith("usage: run-inspector info")


@pytest.mark.parametrize("path", sample_files("tfevents/**/*tfevents*"), ids=lambda path: path.parent.name[-20:])
def test_metrics_agree_with_tensorboards_own_reader(path: Path) -> None:
    ours = json.loads(call("metrics", path, "--json").stdout)
    events = EventAccumulator(str(path), size_guidance={"scalars": 0, "tensors": 0})
    events.Reload()
    theirs = {tag: [(event.step, event.value) for event in events.Scalars(tag)] for tag in events.Tags()["scalars"]}
    found = {series["tag"]: list(zip(series["steps"], series["values"], strict=True)) for series in ours["series"]}
    for tag, points in theirs.items():
        assert found[tag] == [(step, value if value == value else "NaN") for step, value in points]
    assert found.keys() - theirs.keys() <= set(events.Tags()["tensors"]), "of nothing, nothing is made"


def test_metrics_as_csv_has_a_row_a_point() -> None:
    printed = call("metrics", resource("sample_run/metrics.jsonl"), "--tag", "val/fg_ari", "--csv").stdout
    rows = list(csv.DictReader(io.StringIO(printed)))
    lines = (resource("sample_run") / "metrics.jsonl").read_text().splitlines()
    wanted = [record for record in map(json.loads, lines) if "val/fg_ari" in record]
    assert [(int(row["step"]), float(row["value"])) for row in rows] == [
        (record["step"], record["val/fg_ari"]) for record in wanted
    ]


def test_triage_fails_on_what_it_is_asked_to() -> None:
    assert call("triage", resource("sample_run"), "--json").returncode == 0
    found = call("triage", resource("sample_run"), "--json", "--fail-on", "error")
    assert found.returncode == 1
    findings = json.loads(found.stdout)["runs"][0]["findings"]
    assert {finding["id"] for finding in findings} >= {"overwritten-rate", "dead-channels", "slots-not-separating"}


def test_roles_chosen_in_the_window_hold_in_the_terminal_too(tmp_path: Path) -> None:
    dump = tmp_path / "step_0012.h5"
    with h5py.File(dump, "w") as file:
        file["blob"] = np.zeros((8, 3, 4, 4), np.float32)
    assert json.loads(call("info", dump, "--json").stdout)["datasets"][0]["role"] == "unknown"
    assert "no view shows these: no name or shape of a known role; File, Datasets" in call("info", dump).stdout
    blob = RoleCorrection(dataset="blob", role="activation", layout="NCHW")
    keep_roles((), (FileCorrections(pattern="step_*.h5", corrections=(blob,)),))
    (found,) = json.loads(call("info", dump, "--json").stdout)["datasets"]
    assert (found["role"], found["layout"], found["because"]) == ("activation", "NCHW", "chosen by hand")
    assert "activation NCHW by hand" in call("info", dump).stdout
    findings = json.loads(call("triage", tmp_path, "--json").stdout)["runs"][0]["findings"]
    assert [finding["id"] for finding in findings] == ["dead-channels"]


@pytest.mark.parametrize("command", ["info", "metrics", "triage"])
@pytest.mark.parametrize("content", [None, b"", b"\x00\x01\xfe\xff" * 64, b"PK\x03\x04 torn", b"\x89HDF\r\n\x1a\n"])
def test_bad_input_is_one_sentence_and_exit_code_two(tmp_path: Path, command: str, content: bytes | None) -> None:
    path = tmp_path / "thing.pt"
    if content is not None:
        path.write_bytes(content)
    done = call(command, path)
    assert done.returncode == 2
    assert done.stdout == ""
    assert len(done.stderr.strip().splitlines()) == 1
    assert "thing.pt" in done.stderr


def test_an_empty_folder_is_one_sentence(tmp_path: Path) -> None:
    done = call("info", tmp_path)
    assert (done.returncode, len(done.stderr.strip().splitlines())) == (2, 1)


def test_a_pipe_that_closes_early_is_no_error() -> None:
    command = [sys.executable, "-I", "-m", "inspector", "triage", str(resource("sample_run")), "--json"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as writing:
        writing.stdout.close()  # long before it has anything to say
        assert writing.stderr.read() == ""
    assert writing.returncode == 0


def test_an_unknown_option_is_bad_usage() -> None:
    assert call("--nonsense").returncode == 2
    assert call("shot", "x", "--view", "nothing", "-o", "a.png").returncode == 2
