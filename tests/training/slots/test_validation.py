"""What a validation says, against numpy and scikit-learn; what the loss is made of; which settings change shapes."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch
from sklearn.metrics import adjusted_rand_score

from inspector.formats.recipes.catalogue import RECIPES, settings_of
from inspector.formats.setting_fields import fields_of
from inspector.training.looking import looking
from inspector.training.slots.baselines import Baselines
from inspector.training.slots.measures import Measures
from inspector.training.slots.model import SlotModel, pictures_of
from inspector.training.slots.scenes import scene
from inspector.training.slots.task import SlotsTask
from inspector.training.task import Batch
from tests.training.runs import TINY, differences, last_content, records, resumed, trained

CPU = torch.device("cpu")
SETTINGS = settings_of("slots", edits=TINY)
FIELDS = fields_of(RECIPES["slots"].settings)


@pytest.fixture(scope="module")
def looked():
    """Ten scenes, what an untrained model makes of them, and what is measured of it."""
    torch.manual_seed(0)
    model = SlotModel(SETTINGS)
    scenes = [scene(SETTINGS.data, "val", index) for index in range(10)]
    pictures = pictures_of(np.stack([one.image for one in scenes]), CPU)
    with looking(model):
        painted = model(pictures, torch.randn(10, 4, 8))
    measures = Measures(model, SETTINGS.encoder)
    for part in (slice(0, 5), slice(5, 10)):
        half = {name: getattr(painted, name)[part] for name in ("image", "masks", "slots", "attention")}
        measures.add(scenes[part], pictures[part], replace(painted, **half))
    measures.close()
    return scenes, painted, measures.values(Baselines(scenes, 4))


def rand_score(scenes, segments, *, foreground):
    chosen = [one.labels > 0 if foreground else np.ones_like(one.labels, bool) for one in scenes]
    scores = zip(scenes, segments, chosen, strict=True)
    return np.mean([adjusted_rand_score(one.labels[kept], segment[kept]) for one, segment, kept in scores])


def test_segmentation_scores_are_those_of_scikit_learn(looked):
    scenes, painted, found = looked
    winners = painted.masks.argmax(1).numpy()
    maps = painted.attention[:, -1].reshape(10, 4, 8, 8)
    seen = torch.nn.functional.interpolate(maps, size=(16, 16), mode="bilinear").argmax(1).numpy()
    for suffix, segments in (("", winners), ("_attention", seen)):
        assert found[f"val/fg_ari{suffix}"] == pytest.approx(rand_score(scenes, segments, foreground=True), abs=1e-12)
        assert found[f"val/ari{suffix}"] == pytest.approx(rand_score(scenes, segments, foreground=False), abs=1e-12)


def test_each_score_stands_beside_what_no_learning_reaches(looked):
    scenes, _, found = looked
    row, column = np.mgrid[:16, :16] // 8
    blocks = [2 * row + column] * len(scenes)
    colours = [one.image.astype(int) @ [1, 256, 65536] for one in scenes]
    assert found["baseline/fg_ari_blocks"] == pytest.approx(rand_score(scenes, blocks, foreground=True), abs=1e-12)
    assert found["baseline/ari_blocks"] == pytest.approx(rand_score(scenes, blocks, foreground=False), abs=1e-12)
    assert found["baseline/fg_ari_colour"] == pytest.approx(rand_score(scenes, colours, foreground=True), abs=1e-12)
    assert (found["baseline/fg_ari_one_segment"], found["baseline/ari_one_segment"]) == (0.0, 0.0)


def test_scenes_that_share_a_colour_have_a_score_of_their_own(looked):
    scenes, painted, found = looked
    alike = [len(np.unique(one.image[one.labels > 0], axis=0)) < len(one.centres) for one in scenes]
    assert 0 < sum(alike) < len(scenes)
    chosen = [one for one, same in zip(scenes, alike, strict=True) if same]
    winners = painted.masks.argmax(1).numpy()[alike]
    wanted = rand_score(chosen, winners, foreground=True)
    assert found["val/fg_ari_same_colour"] == pytest.approx(wanted, abs=1e-12)
    assert found["baseline/fg_ari_same_colour_colour"] < found["baseline/fg_ari_colour"]


def test_what_is_said_of_slots_is_what_numpy_says(looked):
    _, painted, found = looked
    slots = painted.slots[:, -1].numpy().astype(float)
    others = ~np.eye(4, dtype=bool)

    def cosine(vectors):
        unit = vectors / np.linalg.norm(vectors, axis=-1, keepdims=True)
        return (unit @ unit.transpose(0, 2, 1))[:, others].mean()

    assert found["slots/cosine"] == pytest.approx(cosine(slots), abs=1e-5)
    assert found["slots/cosine_centred"] == pytest.approx(cosine(slots - slots.mean((0, 1))), abs=1e-4)
    masks = painted.masks.numpy().astype(float)
    assert found["slots/mask_entropy"] == pytest.approx(-(masks * np.log(masks)).sum(1).mean() / np.log(4), abs=1e-5)
    areas = np.stack([(masks.argmax(1) == slot).mean((1, 2)) for slot in range(4)])
    assert found["slots/active"] == pytest.approx((areas > 0.01).sum(0).mean())
    assert 1 <= found["slots/effective_rank"] <= 4
    assert found["slots/attention_axis_error"] < 1e-5


@pytest.mark.parametrize("activation", ["relu", "gelu"])
def test_sparsity_means_what_it_means_in_the_other_recipes(activation):
    settings = settings_of("slots", edits={**TINY, "encoder.activation": activation})
    task = SlotsTask(settings, CPU)
    fired = []
    task.model.encoder.convs[0].register_forward_hook(lambda _module, _inputs, values: fired.append(values.abs()))
    with looking(task.model):
        found = task.validate(task.model, settings)
    size = torch.cat(fired).numpy()
    zero = size == 0 if activation == "relu" else size < 0.01
    assert found["sparsity/encoder.conv1"] == pytest.approx(zero.mean(), rel=1e-6)
    assert 0 < zero.mean() < 1
    assert found["baseline/sparsity_encoder.conv1"] == pytest.approx(0.5 if activation == "relu" else 0.020, abs=1e-3)


def test_a_softmax_over_positions_is_seen_in_the_measures():
    run_settings = settings_of("slots", presets=["wrong_softmax_axis"], edits=TINY)
    found = SlotsTask(run_settings, CPU)
    with looking(found.model):
        values = found.validate(found.model, run_settings)
    assert values["slots/attention_axis_error"] > 0.5


def test_each_penalty_is_a_term_with_its_weight_and_takes_effect_while_training(tmp_path):
    torch.manual_seed(0)
    task = SlotsTask(SETTINGS, CPU)
    batch = Batch(np.arange(4), 0, 0)
    assert set(task.losses(task.model, batch, SETTINGS).terms) == {"reconstruction"}
    weights = {"loss.diversity_weight": 0.5, "loss.spectral_weight": 0.25, "loss.consistency_weight": 2.0}
    edited = settings_of("slots", edits={**TINY, **weights})
    found = task.losses(task.model, batch, edited)
    terms = {name: float(term.detach()) for name, term in found.terms.items()}
    assert set(terms) == {"reconstruction", "diversity", "spectral", "consistency"}
    wanted = (terms["reconstruction"] + 0.5 * terms["diversity"] + 0.25 * terms["spectral"]
              + 2.0 * terms["consistency"])  # fmt: skip
    assert float(found.total.detach()) == pytest.approx(wanted, rel=1e-6)
    assert 0 < terms["consistency"] < 2
    demanding = {**weights, "train.precision": "bf16-mixed", "train.checkpoint_steps": 7, "train.val_every": 4}
    run = trained(tmp_path / "run", {**demanding, "train.dump_every": 4})
    first = records(run)[0]
    logged = {name: first[f"train/loss_{name}"] for name in terms}
    assert all(np.isfinite(value) for value in logged.values())
    assert first["train/loss"] == pytest.approx(
        logged["reconstruction"] + 0.5 * logged["diversity"] + 0.25 * logged["spectral"] + 2.0 * logged["consistency"],
        rel=1e-5,
    )
    assert -1 <= first["train/slot_cosine"] <= 1
    child = resumed(run, tmp_path / "child", "--from", "step_0000007")
    assert differences(last_content(run), last_content(child)) == []


OTHER = {
    "model.slots": 5, "model.iterations": 2, "model.attention_axis": "positions", "model.slot_size": 12,
    "model.hidden_size": 12, "encoder.channels": 8, "encoder.layers": 3, "encoder.kernel_px": 3,
    "encoder.activation": "gelu", "encoder.negative_slope": 0.2, "encoder.norm": "batch", "decoder.channels": 12,
    "decoder.layers": 2,
}  # fmt: skip
"""Another value of each setting that the model is made of, but those of its weights at the start."""


def test_a_setting_needs_a_new_run_just_where_the_weights_would_not_fit():
    fields = {field.path: field for field in FIELDS if field.path.split(".")[0] in ("model", "encoder", "decoder")}
    assert set(fields) - set(OTHER) == {"model.slot_noise", "encoder.bias_init"}

    def shapes(edits):
        model = SlotModel(settings_of("slots", edits={**TINY, **edits}))
        return {name: tensor.shape for name, tensor in model.state_dict().items()}

    for path, value in OTHER.items():
        fits = shapes({}) == shapes({path: value})
        assert fits == (fields[path].applies != "restart"), path
        assert not fits or "function" in fields[path].changes, path
