"""Files of one folder are one run; a folder of runs is several; what one run keeps in folders stays one."""

from __future__ import annotations

from pathlib import Path

import pytest

from inspector.core.pulse import QUIET
from inspector.core.resources import resource
from inspector.runs.which_runs import run_names, runs_in


def _made(root: Path, *files: str) -> Path:
    for name in files:
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()
    return root


def _runs(root: Path, *opened: str) -> list[list[str]]:
    found = runs_in([root / name for name in opened], QUIET)
    return [[str(Path(path).relative_to(root)) for path in paths] for paths in found]


EVENTS = "events.out.tfevents.1700000000.host"


@pytest.mark.parametrize(
    "files",
    [
        ("metrics.csv",),
        ("metrics.csv", "checkpoints/epoch_1.pt", "dumps/a.h5", "logs/train.log", f"tensorboard/{EVENTS}"),
        ("best.pt", f"a/{EVENTS}", f"b/{EVENTS}"),
        (EVENTS, f"loss_train/{EVENTS}", f"loss_val/{EVENTS}"),
        (f"train/{EVENTS}", f"validation/{EVENTS}"),
        (f"logs/train/{EVENTS}", f"logs/validation/{EVENTS}", "weights/last.pt"),
        ("checkpoint-500/model.safetensors", "checkpoint-1000/model.safetensors", "trainer_state.json"),
        ("run.json", "metrics.jsonl", "sweep/a/metrics.jsonl", "sweep/b/metrics.jsonl"),
        ("files/output.log", "files/config.yaml", "run-ab.wandb", "logs/debug.log"),
        ("epoch_1/model.pt", "epoch_2/model.pt"),
        ("data/train.csv", "outputs/metrics.csv"),
        ("a/model.pt", "b/model.pt"),
        ("deep/er/still/metrics.csv",),
        ("notes.txt",),
    ],
)
def test_what_one_run_keeps_is_one_run(tmp_path: Path, files: tuple[str, ...]) -> None:
    _made(tmp_path / "run", *files)
    assert _runs(tmp_path, "run") == [["run"]]


WANDB = ("run-ab.wandb", "files/config.yaml", "files/output.log")


def test_a_run_folder_of_wandb_that_is_called_media_is_a_run(tmp_path: Path) -> None:
    _made(tmp_path / "project", *(f"media/{name}" for name in WANDB), "notes.txt")
    assert _runs(tmp_path, "project/media") == [["project/media"]]
    assert _runs(tmp_path, "project/media/run-ab.wandb", "project/media/files/output.log") == [
        ["project/media/run-ab.wandb", "project/media/files/output.log"]
    ]
    assert run_names([[str(tmp_path / "project/media/files/output.log")]]) == ("media",)


@pytest.mark.parametrize("marks", [WANDB, ("run.json", "metrics.jsonl"), (".hydra/config.yaml", "train.log")])
def test_runs_under_names_of_parts_are_runs(tmp_path: Path, marks: tuple[str, ...]) -> None:
    _made(tmp_path / "sweep", *(f"{name}/{file}" for name in ("media", "train") for file in marks))
    assert _runs(tmp_path, "sweep") == [["sweep/media"], ["sweep/train"]]


@pytest.mark.parametrize(
    ("files", "runs"),
    [
        ((f"a/{EVENTS}", f"b/{EVENTS}"), ["a", "b"]),
        (("version_10/metrics.csv", "version_9/metrics.csv", "version_9/checkpoints/a.ckpt"),
         ["version_9", "version_10"]),
        (("run-20260102_030405-ab/run-ab.wandb", "run-20260103_030405-cd/run-cd.wandb"),
         ["run-20260102_030405-ab", "run-20260103_030405-cd"]),
        (("2024-01-02/10-11-12/.hydra/config.yaml", "2024-01-03/09-00-00/.hydra/config.yaml"),
         ["2024-01-02/10-11-12", "2024-01-03/09-00-00"]),
        (("sweep.yaml", "x/config.yaml", "x/1/train.log", "y/1/train.log", "y/2/train.log"), ["x", "y/1", "y/2"]),
        (("one/run.json", "two/run.json"), ["one", "two"]),
        (("lr_1/progress.csv", "lr_2/progress.csv", "summary.csv"), ["lr_1", "lr_2", "summary.csv"]),
        ((f"logs/a/train/{EVENTS}", f"logs/a/val/{EVENTS}", f"logs/b/train/{EVENTS}"), ["logs/a", "logs/b"]),
        (("0/aaaa/meta.yaml", "0/aaaa/metrics/loss", "0/bbbb/meta.yaml", "0/bbbb/metrics/loss"), ["0/aaaa", "0/bbbb"]),
        (("a/metrics.csv", "b/metrics.csv", "c/model.pt"), ["a", "b", "c"]),
    ],
)  # fmt: skip
def test_a_folder_of_runs_is_several(tmp_path: Path, files: tuple[str, ...], runs: list[str]) -> None:
    _made(tmp_path / "all", *files)
    assert _runs(tmp_path, "all") == [[f"all/{name}"] for name in runs]


def test_dropped_files_go_by_their_folder(tmp_path: Path) -> None:
    _made(tmp_path, "a/metrics.csv", "a/train.log", "a/checkpoints/x.pt", "b/metrics.csv", "b/x.h5")
    assert _runs(tmp_path, "a/metrics.csv", "b/metrics.csv", "a/checkpoints/x.pt", "a/train.log") == [
        ["a/metrics.csv", "a/checkpoints/x.pt", "a/train.log"],
        ["b/metrics.csv"],
    ]
    assert _runs(tmp_path, "a/checkpoints", "a/metrics.csv") == [["a/checkpoints", "a/metrics.csv"]]
    assert _runs(tmp_path, "a", "b") == [["a"], ["b"]]
    assert _runs(tmp_path, "a", "a/metrics.csv") == [["a"]]
    assert _runs(tmp_path, "a/metrics.csv", "a/metrics.csv") == [["a/metrics.csv"]]


def test_names_tell_runs_apart() -> None:
    assert run_names([]) == ()
    assert run_names([["/x/a/metrics.csv"], ["/x/b/metrics.csv"]]) == ("a", "b")
    assert run_names([["/x/1/run/metrics.csv"], ["/x/2/run/metrics.csv"]]) == ("1/run", "2/run")
    assert run_names([["/x/a/checkpoints/m.pt", "/x/a/m.csv"], ["/x/b/m.csv"]]) == ("a", "b")


def test_the_sample_run_is_one() -> None:
    assert runs_in([resource("sample_run")], QUIET) == ((str(resource("sample_run")),),)


@pytest.mark.samples
def test_real_folders_of_runs(samples: Path) -> None:
    lightning = samples / "rundirs/AIRI-Institute__genrisk"
    found = runs_in([lightning], QUIET)
    assert [Path(paths[0]).name for paths in found] == [f"version_{number}" for number in range(len(found))]
    assert len(found) == len(list((lightning / "lightning_logs").iterdir()))
    wandb = samples / "wandb/wandb__wandb/leet/fixtures/wandb/workspace-multi"
    assert len(runs_in([wandb], QUIET)) == 5
    one = samples / "rundirs/DLR-RM__rl-baselines3-zoo/logs/tqc/PandaReach-v1_1"
    assert runs_in([one], QUIET) == ((str(one),),)
