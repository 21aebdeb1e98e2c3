"""What belongs to an opened file by its name, and what a name may lead to."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from inspector.artifacts.checkpoints.folders import folder_container, set_files, set_folder
from inspector.artifacts.companions import companions_of, inside, set_container, stays_inside, with_companions
from tests.artifacts.safetensors_files import write_shards


def folder_of(root: Path, *names: str) -> Path:
    for name in names:
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(name)
    return root


@pytest.mark.parametrize(
    ("opened", "belongs", "others"),
    [
        (
            "model.safetensors.index.json",
            ["model-00001-of-00002.safetensors", "model-00002-of-00002.safetensors"],
            ["model.safetensors", "model-00001-of-00002.bin", "modelx-00001-of-00002.safetensors", "config.json"],
        ),
        (
            "pytorch_model.bin.index.json",
            ["pytorch_model-00001-of-00001.bin"],
            ["pytorch_model.bin", "model-00001-of-00001.bin", "pytorch_model-00001-of-00001.bin.index.json"],
        ),
        (
            "model.safetensors.index.fp16.json",
            ["model.fp16-00001-of-00001.safetensors", "model-00001-of-00001.fp16.safetensors"],
            ["modelxfp16-00001-of-00001.safetensors"],
        ),
        ("a+b.safetensors.index.json", ["a+b-1-of-2.safetensors"], ["aab-1-of-2.safetensors"]),
        (".metadata", ["__0_0.distcp", "__17_3.distcp"], ["model.pt", "other.txt"]),
        ("__0_0.distcp", [".metadata", "__1_0.distcp"], ["latest"]),
        ("model-00001-of-00002.safetensors", [], ["model-00002-of-00002.safetensors", "model.safetensors.index.json"]),
        ("last.ckpt", [], ["best.ckpt"]),
    ],
)
def test_a_file_brings_those_of_its_set_and_no_other(
    tmp_path: Path, opened: str, belongs: list[str], others: list[str]
) -> None:
    folder_of(tmp_path, opened, *belongs, *others, f"deep/{belongs[0] if belongs else 'x'}")
    assert sorted(path.name for path in companions_of(tmp_path / opened)) == sorted(belongs)
    assert with_companions([tmp_path / opened])[0] == tmp_path / opened


def test_links_out_of_the_folder_pipes_and_folders_are_no_companions(tmp_path: Path) -> None:
    index = write_shards(tmp_path / "m", [{"a": [1.0]}])
    (tmp_path / "secret").write_text("secret")
    (tmp_path / "m/model-00002-of-00009.safetensors").symlink_to(tmp_path / "secret")
    (tmp_path / "m/model-00003-of-00009.safetensors").symlink_to("model-00003-of-00009.safetensors")
    (tmp_path / "m/model-00004-of-00009.safetensors").mkdir()
    os.mkfifo(tmp_path / "m/model-00005-of-00009.safetensors")
    (tmp_path / "m/model-00006-of-00009.safetensors").symlink_to("model-00001-of-00001.safetensors")
    found = {path.name for path in companions_of(index)}
    assert found == {"model-00001-of-00001.safetensors", "model-00006-of-00009.safetensors"}


def test_a_folder_of_the_hubs_cache_brings_the_blobs_that_it_links_to(tmp_path: Path) -> None:
    snapshot = tmp_path / "hub/snapshots/0a1b"
    snapshot.mkdir(parents=True)
    (tmp_path / "hub/blobs").mkdir()
    for name in ("one", "two"):
        (tmp_path / "hub/blobs" / name).write_text(name)
    (tmp_path / "secret").write_text("secret")
    (snapshot / "a.safetensors").symlink_to("../../blobs/one")
    (snapshot / "b.safetensors").symlink_to("../../../secret")
    assert companions_of(snapshot) == ((tmp_path / "hub/blobs/one").resolve(),)
    assert companions_of(tmp_path / "nothing") == ()


@pytest.mark.parametrize("name", ["/a", "..", "../a", "b/../../a", "", "a\\b", "a\0", "loop/x", "out/x"])
def test_a_name_that_leaves_the_folder_leads_nowhere(tmp_path: Path, name: str) -> None:
    folder = tmp_path / "f"
    folder.mkdir()
    (folder / "loop").symlink_to("loop")
    (folder / "out").symlink_to(tmp_path)
    assert inside(folder, name) is None
    assert inside(folder, "a") == folder / "a"
    assert inside(folder, "sub/./a") == folder / "sub/a"
    assert not stays_inside(folder, tmp_path / "a")


def test_names_alone_tell_a_set() -> None:
    assert set_container("x.safetensors.index.json") == "safetensors-sharded"
    assert set_container("x.bin.index.json") == "torch-sharded"
    assert set_container(".metadata") == set_container("__0_0.distcp") == "dcp"
    assert set_container("index.json") == set_container(".safetensors.index.json") == set_container("metadata") == ""


@pytest.mark.parametrize(
    ("container", "names", "members"),
    [
        ("dcp", [".metadata", "__0_0.distcp", "notes.txt", "meta.pt"], [".metadata", "__0_0.distcp", "meta.pt"]),
        ("", [".metadata", "notes.txt"], []),
        (
            "hf-trainer",
            ["trainer_state.json", "model.safetensors.index.json", "model-00001-of-00001.safetensors", "optimizer.pt",
             "scheduler.pt", "rng_state_0.pth", "rng_state_1.pth", "scaler.pt", "training_args.bin", "config.json",
             "events.out.tfevents.1.host"],
            ["model.safetensors.index.json", "model-00001-of-00001.safetensors", "optimizer.pt", "scheduler.pt",
             "rng_state_0.pth", "rng_state_1.pth", "scaler.pt", "training_args.bin"],
        ),
        ("", ["trainer_state.json", "config.json"], []),
        (
            "hf-trainer",
            ["trainer_state.json", "adapter_config.json", "adapter_model.safetensors", "optimizer.pt"],
            ["adapter_model.safetensors", "optimizer.pt"],
        ),
        (
            "hf-trainer",
            ["trainer_state.json", "latest", "global_step5/mp_rank_00_model_states.pt", "model.safetensors"],
            ["model.safetensors"],
        ),
        (
            "hf-trainer",
            ["trainer_state.json", "pytorch_model_fsdp_0/.metadata", "pytorch_model_fsdp_0/__0_0.distcp",
             "optimizer_0/.metadata", "optimizer_0/__0_0.distcp"],
            ["pytorch_model_fsdp_0/.metadata", "pytorch_model_fsdp_0/__0_0.distcp", "optimizer_0/.metadata",
             "optimizer_0/__0_0.distcp"],
        ),
        (
            "accelerate",
            ["random_states_0.pkl", "model.safetensors", "model_1.safetensors", "optimizer.bin", "scheduler.bin"],
            ["random_states_0.pkl", "model.safetensors", "model_1.safetensors", "optimizer.bin", "scheduler.bin"],
        ),
        ("", ["random_states_0.pkl"], []),
        (
            "deepspeed",
            ["mp_rank_00_model_states.pt", "bf16_zero_pp_rank_0_mp_rank_00_optim_states.pt", "other.pt"],
            ["mp_rank_00_model_states.pt", "bf16_zero_pp_rank_0_mp_rank_00_optim_states.pt"],
        ),
        ("peft", ["adapter_config.json", "adapter_model.bin", "README.md"], ["adapter_model.bin"]),
        ("torch-sharded", ["m.bin.index.json", "m-1-of-1.bin", "x.bin"], ["m.bin.index.json", "m-1-of-1.bin"]),
        ("", ["last.ckpt", "best.pt", "model.safetensors"], []),
    ],
)  # fmt: skip
def test_a_folder_is_told_by_the_names_in_it(
    tmp_path: Path, container: str, names: list[str], members: list[str]
) -> None:
    folder_of(tmp_path, *names)
    if "latest" in names:
        (tmp_path / "latest").write_text("global_step5\n")
        members = [*members, "latest", "global_step5/mp_rank_00_model_states.pt"]
    assert folder_container(tmp_path) == container
    assert set_folder(tmp_path) == (tmp_path if container else None)
    assert {str(path.relative_to(tmp_path)) for path in set_files(tmp_path)} == set(members)
