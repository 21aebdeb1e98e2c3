"""Weights: the tree of tensors, the sections below it, and the filter."""

from __future__ import annotations

import math

import msgspec
import numpy as np
import pytest

from inspector.artifacts.facts import facts_of
from inspector.core.pulse import QUIET
from inspector.display.offer import Fit
from inspector.display.weights.facts_text import summary_text, value_text
from inspector.display.weights.imports import import_groups
from inspector.display.weights.judge import ask, judge
from inspector.display.weights.prepare import prepare
from inspector.display.weights.scene import NodeKind, Tree, WeightsAsk
from inspector.display.weights.sections import sections_of
from inspector.display.weights.tree import filtered, searchable, tree_of
from inspector.formats.facts import CheckpointFacts
from inspector.runs.values import FileEntry, Placed, Run
from inspector.session.values import RunState, ViewState
from tests.display.weights.files import OBJECTS, USUAL, facts


def usual_tree() -> Tree:
    return tree_of(USUAL, sections_of(OBJECTS, USUAL), "model")


def found_by(wanted: str) -> Tree:
    return filtered(usual_tree(), wanted, searchable(usual_tree()))


def outline(tree: Tree) -> list[str]:
    depths = {-1: -1}
    lines = []
    for row, label in enumerate(tree.labels):
        depths[row] = depths[int(tree.parents[row])] + 1
        lines.append("  " * depths[row] + (label or "---"))
    return lines


def test_the_model_stands_without_its_own_root_above_the_sections():
    assert outline(usual_tree()) == [
        "encoder.0",
        "  weight",
        "  bias",
        "  running_mean",
        "decoder",
        "  weight",
        "---",
        "optimizer · AdamW",
        "  encoder.0.weight",
        "    exp_avg",
        "    exp_avg_sq",
        "scheduler",
        "scaler",
        "rng",
        "  torch",
        "args · argparse.Namespace",
        "epoch · step",
        "recipe",
    ]


def test_moments_keep_the_names_by_which_they_are_read():
    tree = usual_tree()
    assert tree.paths[outline(tree).index("    exp_avg")] == "optimizer.state.0.exp_avg"
    assert tree.paths[outline(tree).index("  weight")] == "model.encoder.0.weight"
    assert tree.paths[outline(tree).index("  torch")] == "rng.torch"


def test_elements_bytes_and_shares_are_sums_over_what_is_below():
    tree = usual_tree()
    rows = dict(zip(tree.paths, range(len(tree.paths)), strict=True))
    encoder = rows["model.encoder.0"]
    assert tree.elements[encoder] == 216 + 8 + 8
    assert tree.sizes[encoder] == 4 * (216 + 8 + 8)
    assert tree.shares[encoder] == pytest.approx(224 / 304), "a buffer is no parameter"
    assert math.isnan(tree.shares[rows["model.encoder.0.running_mean"]])
    assert tree.buffers[rows["model.encoder.0.running_mean"]]
    assert tree.sizes[rows["optimizer"]] == 2 * 4 * 216
    weight = rows["model.encoder.0.weight"]
    assert tree.shape_texts[tree.shapes[weight]] == "[8, 3, 3, 3]"
    assert tree.dtype_texts[tree.dtypes[weight]] == "float32"
    assert tree.shapes[encoder] == -1


def test_sections_say_what_they_are():
    sections = {one.section.kind: one.section for one in sections_of(OBJECTS, USUAL)}
    assert {kind: one.value for kind, one in sections.items()} == {
        "optimizer": "1 group",
        "scheduler": "epoch 40",
        "scaler": "scale 65536",
        "rng": "torch, numpy",
        "settings": "2 values",
        "position": "40 · 113,680",
        "other": "slots",
    }
    optimizer = sections["optimizer"]
    assert optimizer.head == ("group", "lr", "weight_decay", "betas", "decoupled_weight_decay", "tensors")
    assert optimizer.rows == (("0", "0.0001", "0.01", "[0.9, 0.999]", "True", "3"),)


def test_state_that_fits_no_parameter_keeps_its_numbers_and_says_so():
    tensors = (*USUAL[:4], facts("optimizer.state.0.exp_avg", (5, 5), "optimizer"))
    contents = sections_of(OBJECTS, tensors)[0]
    assert contents.section.says
    assert contents.names == {"optimizer.state.0.exp_avg": "0.exp_avg"}


def test_a_bare_state_dict_keeps_all_of_its_names():
    tensors = (facts("encoder.weight", (2, 2)), facts("encoder.bias", (2,)))
    tree = tree_of(tensors, sections_of({}, tensors), "")
    assert outline(tree) == ["encoder", "  weight", "  bias"]


def test_settings_with_a_tensor_in_them_are_no_model():
    tensors = (facts("state_dict.net.weight", (2, 2)), facts("hyper_parameters.quantiles", (3,)))
    contents = sections_of({"hyper_parameters.lr": 1.0}, tensors)
    assert [one.section.path for one in contents] == ["hyper_parameters"]
    assert outline(tree_of(tensors, contents, "state_dict"))[0] == "net"


def test_two_models_keep_their_roots():
    tensors = (facts("generator.weight", (2, 2)), facts("discriminator.weight", (2, 2)))
    assert outline(tree_of(tensors, (), "generator"))[::2] == ["generator", "discriminator"]


def test_the_filter_keeps_the_groups_of_what_it_finds():
    found = found_by("BIAS")
    assert outline(found) == ["encoder.0", "  bias"]
    assert found.shares[0] == pytest.approx(224 / 304), "shares stay those of the whole"
    assert outline(found_by("exp_avg_sq")) == [
        "optimizer · AdamW",
        "  encoder.0.weight",
        "    exp_avg_sq",
    ]
    assert outline(found_by("nothing")) == []
    both = outline(found_by("weight"))
    assert both.index("---") == 4


def test_a_name_that_is_a_tensor_and_a_group_keeps_both():
    tree = tree_of((facts("a", (2,)), facts("a.b", (3,))))
    assert list(zip(tree.paths, tree.elements.tolist(), tree.kinds.tolist(), strict=True)) == [
        ("a", 5, NodeKind.MODULE),
        ("a.b", 3, NodeKind.TENSOR),
    ]


def test_deep_and_strange_names_are_taken_and_made_visible():
    deep = ".".join(["x"] * 3000)
    tree = tree_of((facts(deep, (1,)), facts("", (1,)), facts("a\x1b[31m", (1,))))
    assert tree.labels[-2:] == ("the file's only tensor", "a\\x1b[31m")
    assert tree_of(()).paths == ()


def test_sixteen_thousand_tensors_travel_small():
    from inspector.formats.messages import decode, encode

    many = tuple(facts(f"model.block{i // 8}.part{i % 8}.weight", (64, 64)) for i in range(16_000))
    tree = tree_of(many, sections_of({}, many), "model")
    body, arrays = encode(tree)
    assert len(body) < 2_000_000
    back = decode(body, Tree, arrays)
    assert back.paths == tree.paths
    assert np.array_equal(back.parents, tree.parents)


def test_imports_outside_torch_come_first():
    groups = import_groups(
        ("torch._utils._rebuild_tensor_v2", "models.encoder.Net", "torch.FloatStorage", "models.Top")
    )
    assert [(group.module, group.names, group.usual) for group in groups] == [
        ("models", ("Top",), False),
        ("models.encoder", ("Net",), False),
        ("torch", ("FloatStorage",), True),
        ("torch._utils", ("_rebuild_tensor_v2",), True),
    ]
    assert import_groups(("os\x1b.system",))[0].module == "os\\x1b"


@pytest.mark.parametrize(
    ("value", "text"),
    [(0.5, "0.5"), (1e-4, "0.0001"), (3.0, "3"), (True, "True"), (123456, "123,456"), (None, "None"),
     ([1, 2.5], "[1, 2.5]"), (math.nan, "NaN"), (math.inf, "∞"), ("a\nb", "a\\x0ab")],
)  # fmt: skip
def test_plain_values_as_text(value, text):
    assert value_text(value) == text


def test_the_summary_says_parameters_size_and_types():
    made = CheckpointFacts(container="torch-zip", bytes=18_300_000, tensors=USUAL)
    assert summary_text(made) == "304 parameters · 18.3 MB · float32 · torch-zip"
    assert summary_text(CheckpointFacts(container="pickle", bytes=10)).startswith("no parameters · 10 B")


def entry(name: str, made: CheckpointFacts, step: int) -> FileEntry:
    return FileEntry(
        path=f"/run/{name}", name=name, facts=made, bytes=1, modified_s=2.0, step=step, placed=Placed.STATED
    )


def test_the_checkpoint_at_the_cursor_is_asked_for_and_the_filter_asks_nothing():
    made = CheckpointFacts(container="torch-zip", bytes=1, tensors=USUAL)
    run = Run(key="k", name="n", root="/run", paths=("/run",), files=(entry("a.pt", made, 10), entry("b.pt", made, 20)))
    assert judge(run).fit is Fit.MADE_FOR
    asked = ask(run, RunState(key="k", paths=(), cursor_step=15.0), ViewState())
    assert (asked.path, asked.stamp, asked.generous) == ("/run/a.pt", 2.0, False)
    assert ask(run, RunState(key="k", paths=(), cursor_step=15.0), ViewState(tensor_filter="x", tensor="y")) == asked
    assert ask(run, RunState(key="k", paths=(), cursor_step=15.0), ViewState(generous_file="/run/a.pt")).generous


def test_a_list_of_tensors_that_is_too_long_to_be_read_unasked_can_be_asked_for(tmp_path):
    told = b'"w": {"dtype": "U8", "shape": [1], "data_offsets": [0, 1]}'
    header = b"{" + told + b" " * 8_000_000 + b"}"
    path = tmp_path / "long.safetensors"
    path.write_bytes(len(header).to_bytes(8, "little") + header + b"\x07")
    found = facts_of(path)
    listed = msgspec.structs.replace(entry("long.safetensors", found, 0), path=str(path))
    run = Run(key="k", name="n", root=str(tmp_path), paths=(str(tmp_path),), files=(listed,))
    assert judge(run).fit is Fit.MADE_FOR
    asked = ask(run, RunState(key="k", paths=()), ViewState())
    scene = prepare(asked, QUIET)
    assert scene.limited, "the view offers to read on"
    assert any("generous limits" in note for note in scene.notes)
    more = ask(run, RunState(key="k", paths=()), ViewState(generous_file=str(path)))
    assert prepare(more, QUIET).tree.labels == ("w",)


def test_a_tensor_at_the_root_is_one_row_and_no_section(tmp_path):
    path = tmp_path / "a.npz"
    np.savez(path, mask=np.ones((2, 3), np.uint8), codes=np.ones(4, np.int64))
    scene = prepare(WeightsAsk(path=str(path), place="a.npz"), QUIET)
    assert scene.tree.labels == scene.tree.paths == ("mask", "codes")
    assert scene.tree.kinds.tolist() == [NodeKind.TENSOR] * 2
    assert scene.sections == ()
    beside = (*USUAL, facts("queue", (4, 8), "other"))
    contents = sections_of(OBJECTS, beside)
    tree = tree_of(beside, contents, "model")
    assert [line.strip() for line in outline(tree)].count("queue") == 1
    assert outline(tree).index("queue") > outline(tree).index("---")
    assert list(tree.kinds).count(NodeKind.SECTION) == sum(not one.is_tensor for one in contents)
