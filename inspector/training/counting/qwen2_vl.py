"""Qwen2-VL as a backbone: its own weights stay as they are, LoRA on the attention of its language model is trained.

The base is read from a folder, and of that only config, words and safetensors: no download, no code, no pickle. A
checkpoint holds what is trained and a digest of the base's config, not the base.
"""

from __future__ import annotations

import hashlib
import os
from importlib.util import find_spec
from pathlib import Path
from typing import Any, NamedTuple

import msgspec
import torch
from torch import Tensor, nn
from torch.nn import functional

from inspector.core.errors import DamagedError, FileError, MissingError, SettingsError, UnsupportedError
from inspector.formats.recipes.counting import Model
from inspector.formats.recipes.counting_modules import HEADS
from inspector.training.counting.backbones import Backbone, Seen
from inspector.training.counting.samples import Inputs

_LORA = r"language_model\.layers\.\d+\.self_attn\.[qkvo]_proj"
"""The layers that get LoRA."""

_BEFORE = "<|im_start|>user\n"
_AFTER = "The numbered marks are what was counted. Where is the next object?<|im_end|>\n<|im_start|>assistant\n"
"""What stands around the image, in the model's own form of a conversation."""

_MEAN = (0.48145466, 0.4578275, 0.40821073)
_STD = (0.26862954, 0.26130258, 0.27577711)
"""Of red, green and blue in 0..1, as Qwen2-VL was trained.

Source: preprocessor_config.json of Qwen2-VL, which are CLIP's.
"""

_MODEL = "a Qwen2-VL model"
_PATH_ADVICE = "set model.vlm_path to a folder that holds one"


class Qwen2VlBackbone(Backbone):
    """Qwen2-VL with LoRA; the tokens are what it makes of three learned ones after the question.

    Args:
        model: the settings.

    Raises:
        SettingsError: a package is missing, or what 4-bit weights need.
        FileError: the folder holds no such model.
    """

    layers = ("maps",)

    def __init__(self, model: Model) -> None:
        super().__init__()
        _check_packages(model)
        folder = Path(model.vlm_path)
        self.register_buffer("base_digest", _digest(folder))
        self._folder = folder
        self._prompt = _prompt(folder)
        self.base = _with_lora(_loaded(folder, in_4bit=model.load_in_4bit), model)
        config = self.base.config
        width = self.cell_channels = int(config.text_config.hidden_size)
        self.tokens = nn.Parameter(torch.randn(len(HEADS), width) * config.text_config.initializer_range)
        self.maps = nn.Identity()
        self.project = nn.Linear(width, model.features)
        self.register_state_dict_post_hook(_without_base)  # type: ignore[no-untyped-call]  # torch's own
        self.register_load_state_dict_pre_hook(_with_own_base)  # type: ignore[no-untyped-call]  # torch's own

    def forward(self, inputs: Inputs) -> Seen:
        """A token for each head, and the image's places as the last layer of the language model has them."""
        vision = self.base.config.vision_config
        patches, grid = patched(inputs.pictures[:, :3], vision.patch_size, vision.spatial_merge_size)
        count, rows, columns = len(inputs.pictures), *grid.cells
        with torch.no_grad():  # nothing in it or before it is trained
            image = self.base.get_image_features(patches, grid.thw(count).to(patches.device)).pooler_output
        said = self.base.get_input_embeddings()
        before, after = (said(part.to(patches.device)) for part in self._words())
        given = torch.cat(
            [
                before.expand(count, -1, -1),
                torch.stack(tuple(image)).to(before.dtype),
                after.expand(count, -1, -1),
                self.tokens.to(before.dtype).expand(count, -1, -1),
            ],
            dim=1,
        )
        start = before.shape[0]
        places = positions(start, grid.cells, after.shape[0] + len(HEADS)).to(patches.device)
        found = self.base.language_model(
            inputs_embeds=given, position_ids=places[:, None].expand(-1, count, -1), use_cache=False
        ).last_hidden_state.float()
        cells = found[:, start : start + rows * columns].transpose(1, 2).unflatten(2, (rows, columns))
        return Seen(self.project(found[:, -len(HEADS) :]), self.maps(cells))

    def _words(self) -> tuple[Tensor, Tensor]:
        """Numbers of the words before and after the image, with the marks of its begin and end."""
        config = self.base.config
        before, after = self._prompt
        return (
            torch.tensor([*before, config.vision_start_token_id]),
            torch.tensor([config.vision_end_token_id, *after]),
        )


class Grid(NamedTuple):
    """How an image is cut.

    Attributes:
        patches: rows and columns of patches.
        merged: patches along a side of a cell, which is one token of the language model.
    """

    patches: tuple[int, int]
    merged: int

    @property
    def cells(self) -> tuple[int, int]:
        """Rows and columns of cells."""
        return self.patches[0] // self.merged, self.patches[1] // self.merged

    def thw(self, count: int) -> Tensor:
        """(count, 3) int64, as the model wants it: one moment, rows and columns of patches."""
        return torch.tensor([[1, *self.patches]]).expand(count, -1)


def patched(pictures: Tensor, patch_px: int, merged: int) -> tuple[Tensor, Grid]:
    """Pictures as the vision tower takes them: in whole cells, normalised, cut into patches.

    Args:
        pictures: (n, 3, height, width) in -1..1.
        patch_px: side of a patch.
        merged: patches along a side of a cell.

    Returns:
        (n * rows * columns, 3 * 2 * patch_px * patch_px) float32, patches of a cell beside each other, each picture
        twice, as a film of two moments; and the rows and columns.
    """
    side = patch_px * merged
    fitting = [max(2, round(extent / side)) * side for extent in pictures.shape[2:]]
    if fitting != list(pictures.shape[2:]):
        pictures = functional.interpolate(pictures, fitting, mode="bicubic", antialias=True).clamp(-1, 1)
    mean, std = (pictures.new_tensor(values)[:, None, None] for values in (_MEAN, _STD))
    normal = ((pictures + 1) / 2 - mean) / std
    rows, columns = (extent // patch_px for extent in fitting)
    cut = normal.reshape(len(normal), 3, rows // merged, merged, patch_px, columns // merged, merged, patch_px)
    # picture, cell, patch in the cell, colour, moment, pixel
    cut = cut.permute(0, 2, 5, 3, 6, 1, 4, 7).unsqueeze(6).expand(-1, -1, -1, -1, -1, -1, 2, -1, -1)
    return cut.reshape(len(normal) * rows * columns, -1), Grid((rows, columns), merged)


def positions(before: int, cells: tuple[int, int], after: int) -> Tensor:
    """Where each token lies for the model's rotary embedding, (3, tokens) int64: moment, row and column.

    Args:
        before: words before the image, its begin included.
        cells: rows and columns of the image.
        after: words after it, its end included.

    Source: Qwen2-VL, section 2.1, multimodal rotary position embedding.
    """
    rows, columns = cells
    down = torch.arange(rows)[:, None].expand(rows, columns)
    right = torch.arange(columns).expand(rows, columns)
    image = torch.stack([torch.zeros_like(down), down, right]).flatten(1) + before
    begin, end = torch.arange(before), torch.arange(after) + before + max(cells)
    return torch.cat([begin.expand(3, -1), image, end.expand(3, -1)], dim=1)


def _check_packages(model: Model) -> None:
    missing = [name for name in ("transformers", "peft") if find_spec(name) is None]
    if missing:
        raise SettingsError(
            f"model.backbone qwen2_vl needs {' and '.join(missing)}, not installed here; pip install run-inspector[vlm]"
        )
    if model.load_in_4bit and find_spec("bitsandbytes") is None:
        raise SettingsError(
            "model.load_in_4bit needs bitsandbytes, not installed here; pip install bitsandbytes, or set it to false"
        )
    if model.load_in_4bit and not torch.cuda.is_available():
        raise SettingsError("model.load_in_4bit needs a CUDA GPU, and there is none here; set it to false")


def _digest(folder: Path) -> Tensor:
    """(32,) uint8, SHA-256 of the config of a Qwen2-VL model.

    Raises:
        FileError: it is none.
    """
    path = folder / "config.json"
    try:
        config = path.read_bytes()
    except OSError as error:
        found = "no config.json" if folder.is_dir() else "no such folder"
        raise MissingError(folder, f"the folder of {_MODEL}", found, _PATH_ADVICE) from error
    try:
        told = msgspec.json.decode(config)
    except (ValueError, RecursionError) as error:
        raise DamagedError(path, f"the config of {_MODEL}", "no JSON", _PATH_ADVICE) from error
    kind = told.get("model_type") if isinstance(told, dict) else None
    if kind != "qwen2_vl":
        found = f"a model of type {kind}"[:100] if isinstance(kind, str) else "a model of no type"
        raise UnsupportedError(folder, _MODEL, found, _PATH_ADVICE)
    return torch.tensor(list(hashlib.sha256(config).digest()), dtype=torch.uint8)


def _prompt(folder: Path) -> tuple[list[int], list[int]]:
    """Numbers of the words before and after the image.

    Raises:
        FileError: the folder has no tokenizer.
    """
    from tokenizers import Tokenizer

    path = folder / "tokenizer.json"
    if not path.is_file():
        raise MissingError(path, f"the tokenizer of {_MODEL}", "no such file", "it is published beside the model")
    try:
        tokenizer = Tokenizer.from_file(str(path))
    except Exception as error:  # the library raises nothing narrower
        raise DamagedError(path, f"the tokenizer of {_MODEL}", _first_line(error)) from error
    before, after = (tokenizer.encode(text, add_special_tokens=False).ids for text in (_BEFORE, _AFTER))
    return before, after


def _loaded(folder: Path, *, in_4bit: bool) -> Any:
    """The model with the weights of a folder, without its head for words.

    Raises:
        FileError: they are not all there.
    """
    # read at import: nothing is asked of the network
    os.environ["HF_HUB_OFFLINE"] = "1"
    from transformers import BitsAndBytesConfig, Qwen2VLModel
    from transformers.utils import logging

    logging.set_verbosity_error()
    logging.disable_progress_bar()
    quantized: dict[str, Any] = {}
    if in_4bit:
        four = BitsAndBytesConfig(load_in_4bit=True, bnb_4bit_quant_type="nf4", bnb_4bit_compute_dtype=torch.bfloat16)
        quantized = {"quantization_config": four, "device_map": {"": torch.cuda.current_device()}}
    try:
        base, told = Qwen2VLModel.from_pretrained(
            folder,
            local_files_only=True,
            trust_remote_code=False,
            use_safetensors=True,
            attn_implementation="sdpa",  # a config may name code of others for it
            dtype="auto",
            output_loading_info=True,
            **quantized,
        )
    except Exception as error:  # whatever the library raises of files that are missing or damaged
        raise DamagedError(folder, f"{_MODEL} in safetensors", _first_line(error), _PATH_ADVICE) from error
    if told["missing_keys"]:
        found = f"{len(told['missing_keys'])} tensors missing, as {min(told['missing_keys'])}"
        raise DamagedError(folder, f"all weights of {_MODEL}", found, _PATH_ADVICE)
    return base


def _with_lora(base: Any, model: Model) -> Any:
    """The same model with LoRA in place, which alone is trained."""
    from peft import LoraConfig, inject_adapter_in_model

    lora = LoraConfig(
        r=model.lora_rank, lora_alpha=model.lora_alpha, lora_dropout=model.lora_dropout, target_modules=_LORA
    )
    return inject_adapter_in_model(lora, base)


def _without_base(backbone: nn.Module, state: dict[str, Any], prefix: str, _metadata: Any) -> None:
    """Leave the weights of the base out of what is saved."""
    trained = {prefix + name for name, weight in backbone.named_parameters() if weight.requires_grad}
    for name in [name for name in state if name.startswith(f"{prefix}base.") and name not in trained]:
        del state[name]


def _with_own_base(backbone: nn.Module, state: dict[str, Any], prefix: str, *_others: Any) -> None:
    """Beside what was saved, the weights of the base are those that the backbone has.

    Raises:
        FileError: it was trained on another base.
    """
    assert isinstance(backbone, Qwen2VlBackbone)
    saved = state.get(f"{prefix}base_digest")
    if saved is not None and not torch.equal(saved.cpu(), backbone.get_buffer("base_digest").cpu()):
        raise _another_base(backbone)
    for name, weight in backbone.named_parameters():
        if not weight.requires_grad:
            state.setdefault(prefix + name, weight)


def _another_base(backbone: Qwen2VlBackbone) -> FileError:
    folder = backbone._folder  # noqa: SLF001 - the hooks of a module are functions, so that it can be copied
    return UnsupportedError(
        folder, "the base model that the checkpoint was trained on", "another config.json", "set model.vlm_path to it"
    )


def _first_line(error: Exception) -> str:
    return str(error).strip().partition("\n")[0][:200] or type(error).__name__
