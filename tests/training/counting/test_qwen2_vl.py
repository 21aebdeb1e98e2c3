"""Qwen2-VL as a backbone, with a tiny one of random weights in a folder; skipped without the extra `vlm`."""

from __future__ import annotations

import json
import re
from pathlib import Path

import numpy as np
import pytest
import torch

from inspector.core.errors import InspectorError
from inspector.formats.recipes.counting import Data, Model
from inspector.formats.recipes.counting_modules import HEADS
from inspector.training.counting.blobs import blobs
from inspector.training.counting.model import CountingModel
from inspector.training.counting.qwen2_vl import Qwen2VlBackbone, patched, positions
from inspector.training.counting.samples import given
from tests.training.runs import TINY_OF, arguments, call, differences, last_content, records, resumed, timeless

SIDE_PX = 84
VISION_START, VISION_END, IMAGE, VIDEO = 4, 5, 6, 7
WORDS = ["<unk>", "the", "marks", "next", "<|vision_start|>", "<|vision_end|>", "<|image_pad|>", "<|video_pad|>"]


@pytest.fixture(scope="module")
def whole_model():
    """A Qwen2-VL with its head for words: 2 layers of 16, a vision tower of one."""
    transformers = pytest.importorskip("transformers", reason="without the extra vlm")
    pytest.importorskip("peft", reason="without the extra vlm")
    torch.manual_seed(3)
    config = transformers.Qwen2VLConfig(
        text_config={
            "vocab_size": 32, "hidden_size": 16, "intermediate_size": 24, "num_hidden_layers": 2,
            "num_attention_heads": 2, "num_key_value_heads": 1, "max_position_embeddings": 256,
            "bos_token_id": 0, "eos_token_id": 0,
            "rope_parameters": {"rope_type": "default", "mrope_section": [1, 1, 2], "rope_theta": 1e4},
        },
        vision_config={"depth": 1, "embed_dim": 16, "hidden_size": 16, "num_heads": 2, "mlp_ratio": 2},
        image_token_id=IMAGE, video_token_id=VIDEO, vision_start_token_id=VISION_START,
        vision_end_token_id=VISION_END,
    )  # fmt: skip
    return transformers.Qwen2VLForConditionalGeneration(config).eval()


@pytest.fixture(scope="module")
def folder(whole_model, tmp_path_factory) -> Path:
    """The model as it is published: config, tokenizer, and weights by the names of the published files."""
    from safetensors.torch import save_file
    from tokenizers import Tokenizer, models, pre_tokenizers

    path = tmp_path_factory.mktemp("base")
    whole_model.config.save_pretrained(path)
    words = Tokenizer(models.WordLevel({word: place for place, word in enumerate(WORDS)}, unk_token="<unk>"))
    words.pre_tokenizer = pre_tokenizers.Whitespace()
    words.save(str(path / "tokenizer.json"))
    renamed = {
        name.replace("model.visual.", "visual.").replace("model.language_model.", "model."): weight.clone()
        for name, weight in whole_model.state_dict().items()
    }
    save_file(renamed, path / "model.safetensors", {"format": "pt"})
    return path


def settings_of_model(folder: Path, **others) -> Model:
    return Model(
        backbone="qwen2_vl", vlm_path=str(folder), features=8, hidden=4, lora_rank=2, lora_alpha=4, **others
    )  # fmt: skip


def edits_of_model(folder: Path) -> dict:
    return {
        **TINY_OF["counting"],
        "data.train_images": 8,
        "data.image_size": SIDE_PX,
        "schedule.epochs": 2,
        "model.backbone": "qwen2_vl",
        "model.vlm_path": folder,
        "model.lora_rank": 2,
        "model.lora_dropout": 0.2,
        "train.checkpoint_steps": 3,
        "train.dump_every": 2,
    }


def pictures_of(count: int, side_px: int) -> tuple[list, torch.Tensor]:
    found = [blobs(Data(image_size=side_px), "train", index) for index in range(count)]
    inputs, _ = given([one.image for one in found], [one.places[:2] for one in found], 4, torch.device("cpu"))
    return found, inputs


@pytest.mark.parametrize("side_px", [84, 100])
def test_pictures_are_cut_as_by_the_processor_of_the_model(side_px):
    pytest.importorskip("transformers", reason="without the extra vlm")
    from transformers.models.qwen2_vl.image_processing_pil_qwen2_vl import Qwen2VLImageProcessorPil

    images = [blobs(Data(image_size=side_px), "val", index).image for index in range(2)]
    theirs = Qwen2VLImageProcessorPil()(images=images, return_tensors="pt")
    pictures = torch.from_numpy(np.stack(images)).permute(0, 3, 1, 2).float() / 127.5 - 1
    ours, grid = patched(pictures, 14, 2)
    assert torch.equal(grid.thw(2), theirs["image_grid_thw"])
    # a picture of another size is resized by the processor in whole numbers
    tolerance = 1e-5 if side_px == 84 else 0.02
    torch.testing.assert_close(ours, theirs["pixel_values"].float(), atol=tolerance, rtol=0)


def test_tokens_are_those_of_the_whole_model(whole_model, folder):
    """Words, image and learned tokens, once through the library's own way from numbers of words to hidden states."""
    torch.manual_seed(0)
    backbone = Qwen2VlBackbone(settings_of_model(folder)).eval()
    _, inputs = pictures_of(2, SIDE_PX)
    before, after = backbone._prompt
    ids = [*before, VISION_START, *[IMAGE] * 9, VISION_END, *after, 29, 30, 31]
    kinds = torch.tensor([[int(word == IMAGE) for word in ids]] * 2)
    with torch.no_grad():
        seen = backbone(inputs)
        whole_model.get_input_embeddings().weight[29:] = backbone.tokens
        patches, grid = patched(inputs.pictures[:, :3], 14, 2)
        ids_of_both = torch.tensor([ids, ids])
        expected_places, _ = whole_model.model.get_rope_index(ids_of_both, kinds, grid.thw(2))
        states = whole_model.model(
            input_ids=ids_of_both, pixel_values=patches, image_grid_thw=grid.thw(2), mm_token_type_ids=kinds
        ).last_hidden_state
    assert torch.equal(positions(len(before) + 1, grid.cells, 1 + len(after) + 3), expected_places[:, 0])
    torch.testing.assert_close(seen.tokens, backbone.project(states[:, -3:]))
    torch.testing.assert_close(seen.cells.flatten(2).transpose(1, 2), states[:, len(before) + 1 :][:, :9])
    assert not torch.allclose(seen.tokens[0], seen.tokens[1])


@pytest.fixture(scope="module")
def run(folder, tmp_path_factory) -> Path:
    """Four steps, a checkpoint after three."""
    path = tmp_path_factory.mktemp("vlm") / "run"
    code, _ = call("train", "counting", "-o", path, "--device", "cpu", *arguments(edits_of_model(folder)))
    assert code == 0
    return path


def test_lora_the_tokens_and_the_heads_learn_and_nothing_else(folder):
    torch.manual_seed(0)
    model = CountingModel(settings_of_model(folder))
    before = {name: weight.clone() for name, weight in model.named_parameters()}
    trained = [weight for weight in model.parameters() if weight.requires_grad]
    optimizer = torch.optim.SGD(trained, 0.1)
    _, inputs = pictures_of(2, SIDE_PX)
    for _ in range(2):  # LoRA's second half starts at 0, and lets a gradient through to its first from then on
        optimizer.zero_grad()
        found = model(inputs)
        (found.before.sum() + found.done.sum()).backward()
        optimizer.step()
    moved = {name for name, weight in model.named_parameters() if not torch.equal(weight, before[name])}
    lora = {name for name in before if ".lora_" in name}
    assert len(lora) == 2 * 4 * 2
    assert all("language_model" in name for name in lora)
    own = {"backbone.tokens", "backbone.project.weight", "backbone.project.bias"}
    heads = {name for name in before if name.startswith(HEADS)}
    assert moved == lora | own | heads
    assert all(weight.grad is None for name, weight in model.named_parameters() if name not in moved)


def test_a_checkpoint_holds_what_is_trained_and_tells_the_base(run, folder):
    content = last_content(run)
    held = {name for name in content["model"] if name.startswith("backbone.")}
    assert {name for name in held if ".base." in name} == {name for name in held if ".lora_" in name}
    assert {"backbone.tokens", "backbone.project.weight", "backbone.base_digest"} <= held
    assert content["settings"]["model"]["vlm_path"] == str(folder)
    assert [record for record in records(run) if "val/pixel_error" in record]


def test_a_resumed_run_is_the_uninterrupted_one_bit_for_bit(run, tmp_path):
    child = resumed(run, tmp_path / "child", "--from", "step_0000003")
    assert differences(last_content(run), last_content(child)) == []
    assert timeless(child, 3) == timeless(run, 3)


def test_resuming_without_the_base_or_with_another_says_so(run, folder, tmp_path, capsys):
    gone, other = tmp_path / "gone", tmp_path / "other"
    other.mkdir()
    for file in folder.iterdir():
        (other / file.name).write_bytes(file.read_bytes())
    (other / "config.json").write_bytes((folder / "config.json").read_bytes() + b"\n")
    for path, said in ((gone, "no such folder"), (other, "the base model that the checkpoint was trained on")):
        words = ["-o", tmp_path / "child", "--device", "cpu", *arguments({"model.vlm_path": path})]
        code, _ = call("resume", run, "--from", "step_0000003", *words)
        told = capsys.readouterr().err
        assert code == 2
        assert said in told
        assert "model.vlm_path" in told
        assert not (tmp_path / "child").exists()


def test_a_folder_that_is_no_qwen2_vl_model_is_said(folder, tmp_path):
    def refused(said: str) -> None:
        with pytest.raises(InspectorError, match=said) as told:
            Qwen2VlBackbone(settings_of_model(tmp_path))
        assert "\n" not in str(told.value)

    refused("no config.json")
    (tmp_path / "config.json").write_bytes(b"{")
    refused("no JSON")
    (tmp_path / "config.json").write_text(json.dumps({"model_type": "bert", "auto_map": {"AutoConfig": "evil.Config"}}))
    refused("a model of type bert")
    (tmp_path / "config.json").write_bytes((folder / "config.json").read_bytes())
    refused("tokenizer.json")
    (tmp_path / "tokenizer.json").write_bytes((folder / "tokenizer.json").read_bytes())
    refused("safetensors")
    weights = (folder / "model.safetensors").read_bytes()
    (tmp_path / "model.safetensors").write_bytes(weights[: len(weights) // 2])
    refused("safetensors")


def test_weights_that_are_missing_are_not_drawn_at_random(folder, tmp_path):
    from safetensors.torch import load_file, save_file

    for name in ("config.json", "tokenizer.json"):
        (tmp_path / name).write_bytes((folder / name).read_bytes())
    weights = load_file(folder / "model.safetensors")
    del weights["model.layers.1.self_attn.q_proj.weight"]
    save_file(weights, tmp_path / "model.safetensors", {"format": "pt"})
    with pytest.raises(InspectorError, match=r"1 tensors missing, as .*layers\.1\.self_attn\.q_proj\.weight"):
        Qwen2VlBackbone(settings_of_model(tmp_path))


@pytest.mark.parametrize(
    ("absent", "edits", "said"),
    [
        ("peft", {}, r"pip install run-inspector\[vlm\]"),
        ("bitsandbytes", {"model.load_in_4bit": True}, "model.load_in_4bit needs bitsandbytes"),
        ("a GPU", {"model.load_in_4bit": True}, "model.load_in_4bit needs a CUDA GPU"),
    ],
)
def test_what_is_missing_is_said_before_anything_is_written(absent, edits, said, tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(
        "inspector.training.counting.qwen2_vl.find_spec", lambda name: None if name == absent else object()
    )
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    edits = {**edits_of_model(tmp_path), **edits}
    code, _ = call("train", "counting", "-o", tmp_path / "run", "--device", "cpu", *arguments(edits))
    assert code == 2
    assert re.search(said, capsys.readouterr().err)
    assert not (tmp_path / "run").exists()
