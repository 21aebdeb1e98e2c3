"""Scenes of weights made by hand."""

from __future__ import annotations

import math

import numpy as np

from inspector.display.weights.compare.scene import ChangeRow, CompareScene, KeyRow, SettingRow
from inspector.display.weights.objects.prepare import tree_of as objects_of
from inspector.display.weights.objects.scene import ObjectsScene
from inspector.display.weights.scene import ImportGroup, WeightsScene
from inspector.display.weights.sections import sections_of
from inspector.display.weights.state.scene import (
    FlowBar,
    FlowCard,
    RateCard,
    RateDot,
    ReadyCard,
    SparsityBar,
    StateScene,
)
from inspector.display.weights.tensor.scene import Line, TensorScene
from inspector.display.weights.tree import tree_of
from inspector.display.weights.trend.scene import TrendScene
from tests.display.weights.files import OBJECTS, USUAL

PATH = "/run/a.pt"
WEIGHT = "model.encoder.0.weight"


def tensor(name: str = WEIGHT, **changes) -> TensorScene:
    """A convolution with eight outputs."""
    rng = np.random.default_rng(0)
    kernels = rng.integers(0, 256, (8, 3, 3, 4), np.uint8)
    kernels[..., 3] = 255
    usual = {
        "facts": "[8, 3, 3, 3] float32 · 864 B",
        "change": "changed 0.4% since epoch 39",
        "lines": (
            Line(name="min", value="−1"),
            Line(name="max", value="2"),
            Line(name="not finite", value="0"),
            Line(name="dead outputs", value="1: 3", worrying=True, wide=True),
        ),
        "details": (("device", "cpu"),),
        "heights": np.array([1, 5, 2]),
        "edges": np.array([-1.0, 0.0, 1.0, 2.0]),
        "zero_bin": 1,
        "kernels": kernels,
        "kernel_names": tuple(f"output {i}, input 0" for i in range(8)),
        "inputs": 3,
        "reach": 1.0,
        "values": np.zeros(0),
        "norms": np.array([1.0, 2.0, 1.5, 0.0, 1.0, 1.2, 1.0, 1.9]),
        "marked": {3: "dead", 4: "copy"},
    }
    return TensorScene(name=name, **{**usual, **changes})


def broken() -> TensorScene:
    """A tensor whose elements cannot be read."""
    none = np.zeros(0)
    return tensor(
        problem="a.pt: expected 864 bytes, found 12",
        lines=(),
        heights=np.zeros(0, int),
        edges=none,
        kernels=np.zeros((0, 0, 0, 4), np.uint8),
        kernel_names=(),
        inputs=0,
        reach=math.nan,
        norms=none,
        marked={},
    )


def scene(tensors=USUAL, objects=OBJECTS, **changes) -> WeightsScene:
    """A training checkpoint."""
    contents = sections_of(objects, tensors)
    usual = {
        "path": PATH,
        "place": "a.pt · epoch 40",
        "summary": "304 parameters · 18.3 MB · float32",
        "tree": tree_of(tensors, contents, "model"),
        "sections": tuple(one.section for one in contents),
        "values": len(objects),
        "imports": (
            ImportGroup(module="models", names=("Net",), usual=False),
            ImportGroup(module="torch._utils", names=("_rebuild_tensor_v2",), usual=True),
        ),
        "notes": (),
        "limited": False,
    }
    return WeightsScene(**{**usual, **changes})


def state() -> StateScene:
    """Cards of a checkpoint whose learning rate is written over."""
    times = np.arange(101.0)
    return StateScene(
        path=PATH,
        flow=FlowCard(
            title="Gradient flow, from AdamW’s second moments",
            bars=(
                FlowBar(label="encoder.0", value="0.21", share=0.9, worrying=False, tip=""),
                FlowBar(label="decoder", value="0.33", share=1.0, worrying=False, tip=""),
                FlowBar(label="slots_mu", value="never", share=0.0, worrying=True, tip="moments are zero"),
                FlowBar(label="memory", value="2e-6", share=0.1, worrying=True, tip=""),
            ),
            says="an estimate",
        ),
        rates=(
            RateCard(
                name="",
                title="Learning rate, from the scheduler’s state",
                unit="epoch",
                times=times,
                rates=1e-4 * (1 + np.cos(np.pi * times / 100)) / 2,
                now=40.0,
                dots=(
                    RateDot(text="optimizer 1.0e-4", time=40.0, rate=1e-4, ink="critical"),
                    RateDot(text="scheduler 6.5e-5", time=40.0, rate=6.5e-5, ink="good"),
                ),
                verdict="the groups hold another rate than planned",
                worrying=True,
                missing="",
            ),
        ),
        ready=ReadyCard(
            parts=(("weights yes", False), ("sampler position missing", True)), says="the loop owns the rate"
        ),
        sparsity=(SparsityBar(path="model.encoder.bn1", layer="encoder.bn1", mean=0.6, said="60.0% · 1 dead: 3"),),
        condition="if a ReLU follows",
    )


def values() -> ObjectsScene:
    """Plain values, one of them a text of several lines."""
    return objects_of({**OBJECTS, "code.forward": "def forward(self):\n\treturn 1"})


def comparison() -> CompareScene:
    """Two checkpoints."""
    return CompareScene(
        path=PATH,
        other="/run/b.pt",
        choices=(("/run/b.pt", "b.pt · epoch 39"), ("/run/c.pt", "c.pt · epoch 38")),
        title="b.pt → a.pt",
        summary="2 changed · 1 added",
        modules=(ChangeRow("model.encoder", "model.encoder", "12.0%", 0.9, "2 of 2 tensors moved"),),
        tensors=(ChangeRow(WEIGHT, WEIGHT, "14.0%", 1.0, "cosine 0.99"),),
        keys=(KeyRow("new", "added [2]"),),
        still=("model.decoder",),
        settings=(SettingRow("epoch", "39", "40"),),
        says=("prefix module. left out",),
    )


def trend() -> TrendScene:
    """Two layers over three checkpoints."""
    cells = np.full((2, 3, 4), 200, np.uint8)
    return TrendScene(
        layers=("encoder", "decoder"),
        said=("", "still since epoch 20"),
        places=("epoch 10", "epoch 20", "epoch 30"),
        changes=np.array([[np.nan, 0.1, 0.2], [np.nan, 0.1, 0.0]]),
        norms=np.array([[1.0, 1.1, 1.2], [2.0, 2.0, 2.0]]),
        cells=cells,
        low=0.01,
        high=0.2,
    )
