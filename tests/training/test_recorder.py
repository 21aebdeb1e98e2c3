"""The recorder on models that it knows nothing of: arrays equal the tensors in memory, and the views open the dump."""

from __future__ import annotations

import errno
import re
import subprocess
import sys

import h5py
import msgspec
import numpy as np
import pytest
import torch
from torch import nn

from inspector.artifacts.dumps.dump import activation_layers, layer_name, layer_statistics, masks_of, opened
from inspector.artifacts.dumps.points.all_points import all_points
from inspector.core import files
from inspector.core.errors import UsageError
from inspector.core.pulse import QUIET
from inspector.core.resources import resource
from inspector.display.features import judge as features
from inspector.display.features.prepare import prepare as features_scene
from inspector.display.offer import Fit
from inspector.display.points import judge as points
from inspector.display.points.prepare import prepare as points_scene
from inspector.display.slots import judge as slots
from inspector.display.slots.prepare import prepare as slots_scene
from inspector.formats.dump import Role
from inspector.formats.recipes.catalogue import settings_of
from inspector.session.values import RunState, ViewState
from inspector.training import ActivationRecorder, Tap
from inspector.training.slots.model import SlotModel
from tests.display.runs import entry, run_of
from tests.training.recorded import Attending, Block, Pointing, Residual, caught, hooks_of
from tests.training.runs import TINY

LAYERS = ("stem", "layer1.0", "layer1.0.conv1", "layer1.0.bn1", "layer1.1")
VIEWS = {"slots": (slots, slots_scene), "features": (features, features_scene), "points": (points, points_scene)}
BATCHES = (4, 4, 3)


def pictures(count: int, seed: int, size: int = 16) -> torch.Tensor:
    return torch.rand(count, 3, size, size, generator=torch.Generator().manual_seed(seed))


def fits_and_scenes(path) -> dict[str, tuple[Fit, object]]:
    """How well each view fits a dump that is opened alone, and the scene that it makes of its second sample."""
    run = run_of(msgspec.structs.replace(entry("d.h5", opened(path).facts), path=str(path)))
    found = {}
    for key, (judge, prepare) in VIEWS.items():
        ask = judge.ask(run, RunState(key="/run", paths=("/run",)), ViewState(sample=1, mask_source="encoder"))
        found[key] = (judge.judge(run).fit, prepare(ask, QUIET) if ask is not None else None)
    return found


def roles_of(path) -> dict[str, tuple[str, str]]:
    return {dataset.path: (dataset.role, dataset.layout) for dataset in opened(path).facts.datasets}


@pytest.fixture(scope="module")
def residual(tmp_path_factory):
    """A dump of the residual network, what its modules gave, and the pictures."""
    torch.manual_seed(0)
    path, model = tmp_path_factory.mktemp("recorder") / "residual.h5", Residual().eval()
    shown = [pictures(count, seed) for seed, count in enumerate(BATCHES)]
    recorder = ActivationRecorder(path, model, layers=["stem", "layer1.*", "layer1.0.*1"], about={"step": 7})
    with caught(model, *LAYERS) as seen, torch.no_grad(), recorder:
        for images in shown:
            logits = model(images)
            recorder.add(
                image=images,
                confidence=logits.amax(1),
                key=[f"picture {number}" for number in range(len(images))],
                gt_points=[torch.full((place % 3, 2), float(place)) for place in range(len(images))],
            )
    return path, {name: torch.cat(tensors).numpy() for name, tensors in seen.items()}, torch.cat(shown).numpy()


def test_recorded_arrays_equal_the_tensors_in_memory(residual):
    path, seen, images = residual
    with h5py.File(path) as file:
        assert set(file["activations"]) == set(LAYERS)
        for name in LAYERS:
            assert file[f"activations/{name}"].dtype == np.float32
            np.testing.assert_array_equal(file[f"activations/{name}"][()], seen[name])
        np.testing.assert_array_equal(file["samples/image"][()], images.transpose(0, 2, 3, 1))
        offsets = file["gt/points_offsets"][()]
        expected = [place % 3 for count in BATCHES for place in range(count)]
        assert np.diff(offsets).tolist() == expected
        assert file["gt/points"].shape == (sum(expected), 2)
        assert file["samples/key"].asstr()[4] == "picture 0"
        assert (file.attrs["n_samples"], file.attrs["step"], file.attrs["complete"]) == (sum(BATCHES), 7, True)
        assert file["activations/stem"].attrs["activation"] == "leaky_relu"
        assert file["activations/stem"].attrs["negative_slope"] == 0.1
        assert file["activations/layer1.0.bn1"].attrs["tap"] == "pre"


def test_the_dump_of_a_residual_network_opens_in_features(residual):
    path, _seen, _images = residual
    found = roles_of(path)
    assert found["samples/image"] == (Role.IMAGE, "NHWC")
    assert found["activations/layer1.0"] == (Role.ACTIVATION, "NCHW")
    assert found["samples/confidence"][0] == Role.SAMPLE_SCALAR
    views = fits_and_scenes(path)
    assert views["features"][0] is Fit.MADE_FOR
    assert [bar.name for bar in views["features"][1].layers] == list(LAYERS)
    assert views["slots"] == (Fit.NO, None)
    assert views["points"][0] is Fit.POSSIBLE


def test_statistics_are_those_of_all_samples_in_the_order_of_the_model(residual):
    path, seen, _images = residual
    dump = opened(path)
    assert [layer_name(layer) for layer in activation_layers(dump)] == list(LAYERS)
    for layer in activation_layers(dump):
        values = seen[layer_name(layer)].astype(np.float64)
        found = layer_statistics(dump, layer, QUIET)
        assert found.samples == sum(BATCHES)
        np.testing.assert_allclose(found.mean, values.mean((0, 2, 3)), rtol=1e-5, atol=1e-7)
        np.testing.assert_allclose(found.variance, values.var((0, 2, 3)), rtol=1e-4)
        np.testing.assert_array_equal(found.near_zero[0], (values == 0).sum((0, 2, 3)))


def test_statistics_are_of_all_samples_where_few_are_kept_and_counted_before_values_become_half(tmp_path):
    model = nn.Sequential(nn.Identity())
    values = torch.full((6, 2, 1, 1), 1e-8)
    values[:, 1] = 70_000.0
    with ActivationRecorder(tmp_path / "d.h5", model, layers=["0"], keep_samples=2, half=True) as recorder:
        for batch in (values[:4], values[4:]):
            model(batch)
            recorder.add(number=range(len(batch)))
    with h5py.File(tmp_path / "d.h5") as file:
        assert file["activations/0"].dtype == np.float16
        assert file["activations/0"].shape == (2, 2, 1, 1)
        assert file["stats/0/n_lt_eps"][0].tolist() == [0, 0]
        assert file["stats/0/count"][()].tolist() == [6, 6]
        assert file["activations/0"].attrs["n_overflowed"] == 2
        assert "too large for half precision" in file.attrs["notes"][0]


@pytest.mark.parametrize(("need_weights", "average"), [(False, True), (True, True), (True, False)])
def test_attention_is_asked_for_head_by_head_and_the_model_gets_what_it_asked_for(tmp_path, need_weights, average):
    torch.manual_seed(1)
    model, images = Attending(need_weights=need_weights, average=average).eval(), pictures(3, 0)
    with torch.no_grad():
        cells = model.encoder(images).flatten(2).transpose(1, 2)
        queries = model.queries.expand(3, -1, -1)
        expected = model.attend(queries, cells, cells, need_weights=True, average_attn_weights=False)[1]
        plain = model(images)
        with ActivationRecorder(tmp_path / "d.h5", model, layers=["encoder"], attention=["attend"]) as recorder:
            output, weights = model(images)
            recorder.add(image=images, gt_masks=torch.zeros(3, 16, 16, dtype=torch.int64))
    torch.testing.assert_close(output, plain[0])
    assert (weights is None) == (plain[1] is None)
    if weights is not None:
        torch.testing.assert_close(weights, plain[1])
    with h5py.File(tmp_path / "d.h5") as file:
        np.testing.assert_array_equal(file["attention/attend"][()], expected.numpy())
    found = roles_of(tmp_path / "d.h5")
    assert found["attention/attend"] == (Role.ATTENTION, "NAQP")
    views = fits_and_scenes(tmp_path / "d.h5")
    assert views["slots"][0] is Fit.MADE_FOR
    assert len(views["slots"][1].slots) == 5
    assert views["features"][0] is Fit.MADE_FOR


def test_the_layers_of_a_transformer_are_looked_at_though_it_has_a_way_past_them(tmp_path):
    torch.manual_seed(2)
    model = nn.TransformerEncoderLayer(8, 2, 16, batch_first=True).eval()
    tokens = torch.randn(4, 9, 8)
    path = tmp_path / "d.h5"
    with torch.inference_mode(), ActivationRecorder(path, model, layers=["linear1"], attention=["self_attn"]):
        model(tokens)
    with h5py.File(path) as file:
        assert file["attention/self_attn"].shape == (4, 2, 9, 9)
        np.testing.assert_allclose(file["attention/self_attn"][()].sum(-1), 1.0, atol=1e-6)
        assert file["activations/linear1"].attrs["layout"] == "NPC"
        expected = model.linear1(model.norm1(tokens + model.self_attn(tokens, tokens, tokens)[0]))
        np.testing.assert_allclose(file["activations/linear1"][()], expected.detach().numpy(), atol=1e-6)
    assert roles_of(path)["attention/self_attn"] == (Role.TOKEN_ATTENTION, "NAQP")


def test_the_slots_of_the_recipe_are_recorded_from_outside_by_what_its_modules_return(tmp_path):
    torch.manual_seed(3)
    model, images = SlotModel(settings_of("slots", edits=TINY)).eval(), pictures(5, 9)
    noise = torch.randn(5, 4, 8)
    path = tmp_path / "d.h5"
    with torch.no_grad(), caught(model, "encoder.convs.1") as seen:
        taps = {
            "slots": Tap(pick=lambda out: out.attention, layout="NIKP", name="attn", attributes={"grid_hw": [8, 8]})
        }
        with ActivationRecorder(path, model, layers=["encoder.convs.*"], attention=taps) as recorder:
            painted = model(images * 2 - 1, noise)
            recorder.add(image=images, recon=painted.image, masks=painted.masks, slots=painted.slots)
    with h5py.File(path) as file:
        np.testing.assert_array_equal(file["attention/attn"][()], painted.attention.numpy())
        np.testing.assert_array_equal(file["slots/masks"][()], painted.masks.numpy())
        np.testing.assert_array_equal(file["slots/slots"][()], painted.slots[:, -1].numpy())
        np.testing.assert_array_equal(file["slots/slots_iter"][()], painted.slots.numpy())
        np.testing.assert_array_equal(file["pred/recon"][()], painted.image.permute(0, 2, 3, 1).numpy())
        np.testing.assert_array_equal(file["activations/encoder.convs.1"][()], seen["encoder.convs.1"][0].numpy())
    np.testing.assert_array_equal(masks_of(opened(path), 2, "decoder_masks"), painted.masks[2].numpy())
    views = fits_and_scenes(path)
    assert [fit for fit, _scene in views.values()] == [Fit.MADE_FOR, Fit.MADE_FOR, Fit.NO]
    assert views["slots"][1].iterations == 3
    assert views["slots"][1].sources == ("encoder", "decoder")


def test_all_that_a_counting_model_tells_is_shown_with_its_points(tmp_path):
    torch.manual_seed(3)
    model, path = Pointing().eval(), tmp_path / "d.h5"
    truth, told = torch.rand(5, 2) * 1.8 - 0.9, []
    marked = [torch.rand(step, 2) * 1.8 - 0.9 for step in range(5)]
    with ActivationRecorder(path, model, layers=["stem"]) as recorder, torch.no_grad():
        for part in (slice(0, 3), slice(3, 5)):
            images = pictures(part.stop - part.start, part.start)
            place, confidence, done = model(images)
            told.append((place, confidence, done))
            steps = range(part.start, part.stop)
            recorder.add(
                image=images, gt_points=truth[part], pred_points=place, pred_confidence=confidence, pred_done=done,
                gt_done=[step == 4 for step in steps], gt_count=[9.0] * len(steps), pred_count=[8.0] * len(steps),
                sequence_step=steps, marked_points=marked[part],
            )  # fmt: skip
    place, confidence, done = (torch.cat(parts) for parts in zip(*told, strict=True))
    found = all_points(opened(path), QUIET)
    # Sides from -1 to 1 are 16 pixels; the first pixel's middle is at 0.
    np.testing.assert_allclose(found.gt, (truth.numpy() + 1) * 8 - 0.5, atol=1e-5)
    np.testing.assert_allclose(found.prediction, (place.numpy() + 1) * 8 - 0.5, atol=1e-5)
    np.testing.assert_allclose(found.marked, (torch.cat(marked).numpy() + 1) * 8 - 0.5, atol=1e-5)
    np.testing.assert_allclose(found.confidence, confidence.numpy(), rtol=1e-6)
    np.testing.assert_allclose(found.done, done.sigmoid().numpy(), rtol=1e-6)
    assert np.diff(found.marked_first).tolist() == found.sequence_step.tolist() == [0, 1, 2, 3, 4]
    assert found.gt_done.tolist() == [0, 0, 0, 0, 1]
    assert (set(found.count), set(found.count_predicted)) == ({9.0}, {8.0})
    fit, scene = fits_and_scenes(path)["points"]
    assert fit is Fit.MADE_FOR
    assert (len(scene.tile.pairs), len(scene.tile.marked), scene.has_marked) == (1, 1, True)


def test_confidence_is_one_number_for_each_predicted_point(tmp_path):
    path, model = tmp_path / "d.h5", nn.Identity()
    points, sure = [[[1, 2], [30, 4]], [], [[5, 6]]], [[0.5, 0.25], [], [0.75]]
    with ActivationRecorder(path, model) as recorder:
        recorder.add(pred_points=points, pred_confidence=sure)
    found = all_points(opened(path), QUIET)
    assert sorted(zip(found.prediction_stored[:, 0], found.confidence, strict=True)) == [
        (1, 0.5),
        (5, 0.75),
        (30, 0.25),
    ]
    for told in ({"pred_points": points}, {}):
        with pytest.raises(UsageError, match="pred_confidence: expected"), ActivationRecorder(path, model) as recorder:
            recorder.add(**told, pred_confidence=[[0.5], [], [0.75]])


@pytest.mark.parametrize("layout", ["NPK", "NIPK", "NHWK", "NKCHW"])
def test_slots_on_any_axis_are_found_by_their_sum(tmp_path, layout):
    sizes = {"N": 3, "I": 2, "P": 16, "K": 4, "H": 4, "W": 4, "C": 1}
    values = torch.randn([sizes[letter] for letter in layout]).softmax(layout.index("K"))
    name = "masks" if "H" in layout else "attention"
    with ActivationRecorder(tmp_path / "d.h5", nn.Identity()) as recorder:
        recorder.add(**{name: values})
    ((_role, found),) = (one for path, one in roles_of(tmp_path / "d.h5").items() if path.startswith("slots/"))
    assert found == layout


def test_bfloat16_is_widened_without_loss_and_names_are_those_inside_wrappers(tmp_path):
    torch.manual_seed(4)
    model = Residual().eval().bfloat16()
    wrapped = nn.DataParallel(torch.compile(model, backend="eager"))
    images = pictures(2, 1).bfloat16()
    with torch.no_grad():
        wrapped(images)  # compiled before there were hooks
        with caught(model, "fc") as seen, ActivationRecorder(tmp_path / "d.h5", wrapped, layers=["layer1.*", "fc"]):
            wrapped(images)
            expected = model.fc(model.layer1(model.stem(images)).mean((2, 3)))
    with h5py.File(tmp_path / "d.h5") as file:
        assert list(file["activations"]) == ["layer1.0", "layer1.1", "fc"]
        assert file["activations/fc"].dtype == np.float32
        np.testing.assert_array_equal(file["activations/fc"][0], expected[0].float().numpy())
        assert file.attrs["dtype_compute"] == "bfloat16"
    assert hooks_of(wrapped) == 0
    assert len(seen["fc"]) == 2


class StoppedError(Exception):
    pass


@pytest.mark.parametrize("fails", ["in the block", "in the model", "before it"])
def test_after_an_exception_the_hooks_are_gone_and_the_old_file_stands(tmp_path, fails):
    model, path = Residual().eval(), tmp_path / "d.h5"
    path.write_bytes(b"old")
    layers = ["nothing.*"] if fails == "before it" else ["stem"]
    recorder = ActivationRecorder(path, model, layers=layers)
    with pytest.raises((StoppedError, RuntimeError, UsageError)), torch.no_grad(), recorder:
        model(pictures(2, 0))
        recorder.add(image=pictures(2, 0))
        if fails == "in the model":
            model(torch.zeros(2, 5, 4, 4))
        raise StoppedError
    assert hooks_of(model) == 0
    assert path.read_bytes() == b"old"
    assert [one.name for one in tmp_path.iterdir()] == ["d.h5"]


def test_a_full_disk_is_an_error_of_the_system_and_the_old_file_stands(tmp_path, monkeypatch):
    class Full:
        def __getattr__(self, name):
            return getattr(files.os, name)

        def write(self, *_arguments):
            raise OSError(errno.ENOSPC, "No space left on device")

    path = tmp_path / "d.h5"
    path.write_bytes(b"old")
    monkeypatch.setattr(files, "_os", Full())
    model = Residual().eval()
    with pytest.raises(OSError, match="No space left"), ActivationRecorder(path, model, layers=["layer1.*"]):
        for seed in range(4):
            model(pictures(64, seed))
    assert path.read_bytes() == b"old"
    assert [one.name for one in tmp_path.iterdir()] == ["d.h5"]
    assert hooks_of(model) == 0


@pytest.mark.parametrize(
    ("batches", "sentence"),
    [
        ([{"image": 2, "score": 3}], "score: expected 2 samples as in the rest of the batch, found 3"),
        ([{"image": 2}, {"score": 2}], "image, score: told of some batches and not of others"),
        ([{"image": 3}, {"image": 4}], r"samples/image: expected 3 × 3 × 3 float32 .* found 4 × 4 × 3 float32"),
        ([{"points": 2}], "no module is called points"),
        ([{}], "there are no samples"),
    ],
)
def test_what_does_not_fit_is_told_in_a_sentence(tmp_path, batches, sentence):
    """A length stands for so many samples; of images of two batches, for their sides."""
    sizes = [3, 4]
    layers = ["points"] if "points" in batches[0] else []
    recorder = ActivationRecorder(tmp_path / "d.h5", Residual(), layers=layers)
    with pytest.raises(UsageError, match=sentence), recorder:
        for size, batch in zip(sizes, batches, strict=False):
            shapes = {"image": (2, 3, size, size)}
            recorder.add(**{name: torch.rand(shapes.get(name, (count,))) for name, count in batch.items()})
    assert list(tmp_path.iterdir()) == []


def test_modules_whose_rows_are_no_samples_are_left_out_and_said_so(tmp_path):
    class Merging(nn.Module):
        def __init__(self):
            super().__init__()
            self.inner, self.idle, self.counting = nn.Identity(), nn.Identity(), nn.Flatten(0)

        def forward(self, images):
            return self.counting(self.inner(images.flatten(0, 1)))

    model = Merging()
    with ActivationRecorder(tmp_path / "d.h5", model, layers=["*"]) as recorder:
        model(torch.rand(2, 3, 4, 4))
        recorder.add(image=torch.rand(2, 3, 4, 4))
    assert [re.sub(r"\W+", " ", note) for note in recorder.notes] == [
        "inner gave 6 rows for 2 samples", "idle did not run", "counting gave 96 rows for 2 samples"
    ]  # fmt: skip
    with h5py.File(tmp_path / "d.h5") as file:
        assert list(file.attrs["notes"]) == list(recorder.notes)
        assert list(file["activations"]) == []


def test_padding_is_left_out_of_the_statistics(tmp_path):
    values = torch.zeros(2, 1, 4, 4)
    values[0, 0, :2, :2] = 1.0
    values[1] = 2.0
    with ActivationRecorder(tmp_path / "d.h5", model := nn.Sequential(nn.Identity()), layers=["0"]) as recorder:
        model(values)
        recorder.add(image=torch.rand(2, 3, 8, 8), valid_hw=[[4, 4], [8, 8]])
    with h5py.File(tmp_path / "d.h5") as file:
        assert file["stats/0/count"][()].tolist() == [4 + 16]
        assert file["stats/0/n_lt_eps"][0].tolist() == [0]


def test_large_rows_are_parted_and_small_ones_gathered(tmp_path):
    large = np.arange(2 * 3 * 1000 * 1000, dtype=np.float32).reshape(2, 3, 1000, 1000)
    small = np.arange(50_000, dtype=np.int16)[:, None] * np.array([1, -1], np.int16)
    with ActivationRecorder(tmp_path / "d.h5", nn.Identity()) as recorder:
        recorder.add(image=large)
    with ActivationRecorder(tmp_path / "e.h5", nn.Identity()) as recorder:
        for start in range(0, 50_000, 7_001):
            recorder.add(pairs=small[start : start + 7_001])
    with h5py.File(tmp_path / "d.h5") as file, h5py.File(tmp_path / "e.h5") as other:
        assert file["samples/image"].chunks[0] == 1
        assert np.prod(file["samples/image"].chunks) * 4 <= 4 * 2**20
        np.testing.assert_array_equal(file["samples/image"][()], large.transpose(0, 2, 3, 1))
        assert other["samples/pairs"].chunks == (16_384, 2)
        np.testing.assert_array_equal(other["samples/pairs"][()], small)


def test_the_room_loads_nothing_before_the_recorder_is_asked_for():
    program = (
        "import sys, inspector.training as t\n"
        "assert not {'torch', 'h5py', 'numpy', 'PySide6'} & set(sys.modules)\n"
        "try: t.nothing\n"
        "except AttributeError as error: assert 'nothing' in str(error)\n"
        "else: raise AssertionError\n"
    )
    subprocess.run([sys.executable, "-I", "-c", program], check=True)


def test_the_lines_of_the_help_page_record_a_dump(tmp_path, monkeypatch):
    page = resource("help/record.md").read_text()
    (code,) = re.findall(r"```python\n(.*?)```", page, re.DOTALL)
    assert len(code.splitlines()) <= 10
    monkeypatch.chdir(tmp_path)
    torch.manual_seed(5)

    class Model(Attending):
        def __init__(self):
            super().__init__()
            self.encoder = nn.Sequential(nn.Conv2d(3, 8, 2, stride=2), Block(8))

        def forward(self, images):
            return super().forward(images)[0].mean((1, 2))

    loader = [(pictures(4, seed), torch.randint(0, 3, (4, 16, 16))) for seed in range(3)]
    exec(code, {"model": Model().eval(), "loader": loader})
    fits = fits_and_scenes(tmp_path / "step_1500.h5")
    assert [fit for fit, _scene in fits.values()] == [Fit.MADE_FOR, Fit.MADE_FOR, Fit.NO]
    assert opened(tmp_path / "step_1500.h5").facts.samples == 12
