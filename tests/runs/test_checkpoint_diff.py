"""Two checkpoints with known edits between them, against what torch says of the same files."""

from __future__ import annotations

import io
import math
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import pytest
import torch

from inspector.artifacts.checkpoints.checkpoint import opened
from inspector.core.errors import WorkCancelled
from inspector.core.pulse import QUIET, Progress, Pulse
from inspector.runs.checkpoint_diff import diff_of, told_apart
from inspector.runs.diff_values import CheckpointDiff, TensorRow

State = dict[str, torch.Tensor]
DTYPES = (torch.float64, torch.float32, torch.float16, torch.bfloat16, torch.float8_e4m3fn)


def model_state(seed: int = 0) -> State:
    torch.manual_seed(seed)
    model = torch.nn.Sequential()
    for name in ("encoder", "decoder"):
        model.add_module(name, torch.nn.Sequential(torch.nn.Conv2d(3, 8, 3), torch.nn.BatchNorm2d(8), torch.nn.ReLU()))
    model.add_module("head", torch.nn.Linear(8, 4))
    return dict(model.state_dict())


def nudged(state: State, *skipped: str) -> State:
    """The state with all floating tensors moved, but for those whose name begins as one of the skipped."""
    torch.manual_seed(1)
    return {
        name: tensor + 0.01 * torch.randn_like(tensor)
        if tensor.is_floating_point() and not name.startswith(skipped or ("?",))
        else tensor.clone()
        for name, tensor in state.items()
    }


def compared(folder: Path, first: Any, second: Any, *, legacy: bool = False, **options: bool) -> CheckpointDiff:
    paths = folder / "first.pt", folder / "second.pt"
    for path, content in zip(paths, (first, second), strict=True):
        torch.save(content, path, _use_new_zipfile_serialization=not legacy)
    return diff_of(opened(paths[0]), opened(paths[1]), QUIET, **options)


def row(diff: CheckpointDiff, name: str) -> TensorRow:
    return next(row for row in diff.rows if row.name == name)


def states(diff: CheckpointDiff) -> dict[str, str]:
    return {row.name: row.state for row in diff.rows}


@pytest.mark.parametrize("legacy", [False, True], ids=["zip", "legacy"])
@pytest.mark.parametrize("dtype", DTYPES, ids=lambda dtype: str(dtype).removeprefix("torch."))
def test_changes_agree_with_torch(tmp_path: Path, dtype: torch.dtype, legacy: bool) -> None:
    torch.manual_seed(3)
    base = {"a.weight": torch.randn(33, 17, 5), "b.weight": torch.randn(70_001), "b.bias": torch.randn(3)}
    first = {name: tensor.to(dtype) for name, tensor in base.items()}
    second = {name: (tensor + 0.1 * torch.randn_like(tensor)).to(dtype) for name, tensor in base.items()}
    diff = compared(tmp_path, first, second, legacy=legacy)
    assert set(states(diff).values()) == {"changed"}
    for name in base:
        a, b = first[name].double().flatten(), second[name].double().flatten()
        change = row(diff, name).change
        assert change is not None
        assert change.relative == pytest.approx(float((b - a).norm() / a.norm()), rel=1e-12)
        assert change.cosine == pytest.approx(float(torch.cosine_similarity(a, b, 0)), rel=1e-12)
        assert change.sign_flips == int((a * b < 0).sum())
        assert change.equal == int((a == b).sum())
        assert change.largest == float((b - a).abs().max())
        assert change.largest_at is not None
        assert change.largest_pair == (float(first[name][change.largest_at]), float(second[name][change.largest_at]))


def test_keys_added_removed_reshaped_and_retyped_are_told(tmp_path: Path) -> None:
    first = model_state()
    second = {name: tensor for name, tensor in first.items() if not name.startswith("decoder")}
    second["head.weight"] = torch.randn(6, 8)
    second["head.bias"] = first["head.bias"].half()
    second["extra.weight"] = torch.ones(2)
    diff = compared(tmp_path, first, second)
    found = states(diff)
    assert {name for name, state in found.items() if state == "removed"} == {
        n for n in first if n.startswith("decoder")
    }
    assert {name for name, state in found.items() if state == "added"} == {"extra.weight"}
    assert row(diff, "head.weight").shapes == ((4, 8), (6, 8))
    assert found["head.weight"] == "reshaped"
    bias = row(diff, "head.bias")
    assert (bias.state, bias.dtypes) == ("retyped", ("float32", "float16"))
    assert bias.change is not None
    wanted = (first["head.bias"].half().double() - first["head.bias"].double()).norm() / first[
        "head.bias"
    ].double().norm()
    assert bias.change.relative == pytest.approx(float(wanted), rel=1e-12)
    assert not diff.identical


def test_frozen_modules_are_named_and_also_that_their_running_statistics_moved(tmp_path: Path) -> None:
    first = model_state()
    second = nudged(first, "decoder", "encoder.0", "encoder.1.weight", "encoder.1.bias")
    diff = compared(tmp_path, first, second, trust_checksums=False)
    assert diff.still == ("encoder", "decoder")
    assert any("running statistics (encoder)" in note for note in diff.notes)
    weights = [name for name in first if "running" not in name and "batches" not in name]
    moved = {row.name for row in diff.rows if row.role == "weight" and row.state == "changed"}
    assert moved == {name for name in weights if name.startswith("head")}


def test_a_module_and_a_role_change_as_their_moved_tensors_together(tmp_path: Path) -> None:
    first = model_state()
    second = nudged(first, "decoder", "encoder.0.bias")
    diff = compared(tmp_path, first, second)
    module = next(module for module in diff.modules if module.path == "encoder")
    names = [name for name in first if name.startswith("encoder") and name.endswith(("weight", "bias"))]
    moved = [name for name in names if name != "encoder.0.bias"]
    a, b = (torch.cat([state[name].double().flatten() for name in moved]) for state in (first, second))
    assert module.relative == pytest.approx(float((b - a).norm() / a.norm()), rel=1e-12)
    assert module.sign_flips == pytest.approx(int((a * b < 0).sum()) / sum(first[name].numel() for name in names))
    assert (module.tensors, module.moved) == (4, 3)
    (role,) = (role for role in diff.roles if role.role == "weight")
    weights = [name for name in first if name.endswith(("weight", "bias"))]
    moved = [name for name in weights if not torch.equal(first[name], second[name])]
    a, b = (torch.cat([state[name].double().flatten() for name in moved]) for state in (first, second))
    assert role.relative == pytest.approx(float((b - a).norm() / a.norm()), rel=1e-12)
    assert role.sign_flips == pytest.approx(int((a * b < 0).sum()) / sum(first[name].numel() for name in weights))
    assert role.states == {"changed": len(moved), "same": len(weights) - len(moved)}
    still = next(module for module in diff.modules if module.path == "decoder")
    assert (still.relative, still.sign_flips, still.moved) == (0.0, 0.0, 0)


def test_sign_flips_and_nan_are_counted(tmp_path: Path) -> None:
    first = {"w": torch.arange(-5.0, 6.0)}
    second = {"w": -torch.arange(-5.0, 6.0)}
    second["w"][0] = torch.nan
    change = row(compared(tmp_path, first, second), "w").change
    assert change is not None
    assert (change.sign_flips, change.nans, change.finite) == (9, (0, 1), 10)
    assert change.cosine == pytest.approx(-1.0)


@pytest.mark.parametrize(
    ("wrap", "unwrap"),
    [
        (lambda state: {"model": state, "epoch": 3}, lambda state: state),
        (lambda state: {"state_dict": state}, lambda state: {"model_state_dict": state, "step": 1}),
        (
            lambda state: {"state_dict": {f"model._orig_mod.{name}": tensor for name, tensor in state.items()}},
            lambda state: {f"module.{name}": tensor for name, tensor in state.items()},
        ),
    ],
    ids=["bare", "wrapped twice", "compiled"],
)
def test_other_layouts_of_one_model_are_aligned(
    tmp_path: Path, wrap: Callable[[State], Any], unwrap: Callable[[State], Any]
) -> None:
    first = model_state()
    diff = compared(tmp_path, wrap(first), unwrap(nudged(first, "encoder")))
    assert {row.name for row in diff.rows} == set(first)
    assert {row.state for row in diff.rows if row.role == "weight" and row.name.startswith("encoder")} == {"same"}
    assert {row.state for row in diff.rows if row.role == "weight" and not row.name.startswith("encoder")} == {
        "changed"
    }
    assert diff.roots
    assert diff.still == ("encoder",)


def test_the_same_file_twice_is_identical_and_nothing_is_read(tmp_path: Path) -> None:
    path = tmp_path / "one.pt"
    torch.save({"model": model_state(), "epoch": 3}, path)
    first, second = opened(path), opened(path)
    (tmp_path / "copy.pt").write_bytes(path.read_bytes())
    path.unlink()
    diff = diff_of(first, second, QUIET)
    assert (diff.same_file, diff.identical, diff.values, diff.still) == (True, True, (), ())
    assert {row.state for row in diff.rows} == {"same"}
    read = diff_of(first, opened(tmp_path / "copy.pt"), QUIET, trust_checksums=False)
    assert {row.state for row in read.rows} == {"unread"}, "what is gone could be read"


def test_equal_storages_of_archives_are_not_read_and_give_the_same_answer(tmp_path: Path) -> None:
    first = {"model": model_state(), "optimizer": {"state": {0: {"exp_avg": torch.ones(8)}}}}
    second = {"model": nudged(first["model"], "encoder", "decoder"), "optimizer": first["optimizer"]}
    quick = compared(tmp_path, first, second)
    slow = diff_of(
        opened(tmp_path / "first.pt"), opened(tmp_path / "second.pt"), QUIET, optimizer=True, trust_checksums=False
    )
    assert states(quick) == states(slow)
    assert (quick.modules, quick.roles, quick.still, quick.values) == (
        slow.modules,
        slow.roles,
        slow.still,
        slow.values,
    )
    assert {row.name.split(".")[1] for row in quick.rows if row.by_checksum and row.role == "weight"} == {
        "encoder",
        "decoder",
    }
    assert quick.skipped_bytes > slow.skipped_bytes == 0
    assert any("CRC-32" in note for note in quick.notes)
    assert not any("CRC-32" in note for note in slow.notes)


def test_archives_without_checksums_are_read(tmp_path: Path) -> None:
    torch.serialization.set_crc32_options(False)
    try:
        diff = compared(tmp_path, {"w": torch.zeros(64)}, {"w": torch.ones(64)})
    finally:
        torch.serialization.set_crc32_options(True)
    assert states(diff) == {"w": "changed"}


def test_two_copies_of_a_file_are_identical(tmp_path: Path) -> None:
    diff = compared(tmp_path, {"model": model_state(), "lr": 1e-3}, {"model": model_state(), "lr": 1e-3})
    assert (diff.same_file, diff.identical) == (False, True)
    other = compared(tmp_path, {"model": model_state(), "lr": 1e-3}, {"model": model_state(), "lr": 1.0000001e-3})
    assert not other.identical
    assert [(value.path, value.first, value.second) for value in other.values] == [("lr", 1e-3, 1.0000001e-3)]


def test_optimizer_state_is_listed_and_read_only_where_asked_for(tmp_path: Path) -> None:
    def saved(fill: float) -> dict[str, Any]:
        moments = {0: {"step": torch.tensor(fill), "exp_avg": torch.full((8,), fill)}}
        return {"model": {"w": torch.ones(8) * fill}, "optimizer": {"state": moments, "param_groups": [{"lr": fill}]}}

    plain = compared(tmp_path, saved(1.0), saved(2.0), legacy=True)
    assert states(plain)["optimizer.state.0.exp_avg"] == "unread"
    asked = compared(tmp_path, saved(1.0), saved(2.0), legacy=True, optimizer=True)
    assert states(asked)["optimizer.state.0.exp_avg"] == "changed"
    assert [row.role for row in asked.rows] == ["weight", "optimizer", "optimizer"]
    assert [value.path for value in asked.values] == ["optimizer.param_groups.0.lr"]


def test_plain_values_that_differ_are_told_with_long_lists_cut(tmp_path: Path) -> None:
    nan = math.nan
    first = {"lr": 0.1, "on": True, "old": 1, "history": list(range(500)), "nan": nan, "whole": 3, "text": "a"}
    second = {
        "lr": 0.1 + 1e-17,
        "on": 1,
        "new": None,
        "history": [*range(400), -1],
        "nan": nan,
        "whole": 3.0,
        "text": "b",
    }
    diff = compared(tmp_path, {**first, "w": torch.ones(1)}, {**second, "w": torch.ones(1)})
    found = {value.path: value for value in diff.values}
    assert found.keys() == {"lr", "on", "old", "new", "history", "text"}
    assert (found["lr"].first, found["lr"].second) == (0.1, 0.1 + 1e-17)
    assert (found["old"].state, found["new"].state, found["text"].state) == ("removed", "added", "changed")
    assert found["history"].first == [0, 1, 2, 3, 4, 5, "… 494 more"]
    assert found["history"].note == "500 and 401 items; differ from item 400 on"
    assert diff.values_same == 2


def test_what_only_one_would_import_is_told(tmp_path: Path) -> None:
    w = torch.ones(1)
    diff = compared(tmp_path, {"w": w, "x": partial(print, 1)}, {"w": w, "x": Path("a")})
    assert "functools.partial" in diff.imports_first
    assert any(name.startswith("pathlib.") for name in diff.imports_second)


def test_tensors_with_other_strides_are_compared_element_by_element(tmp_path: Path) -> None:
    base = torch.randn(40, 60, 5)
    first = {"w": base, "e": torch.ones(1).expand(300, 7), "t": base.permute(2, 0, 1)}
    second = {
        "w": base.clone().permute(1, 2, 0).contiguous().permute(2, 0, 1),
        "e": torch.ones(300, 7),
        "t": base.permute(2, 0, 1),
    }
    second["t"] = second["t"] + 0
    second["t"][3, 20, 59] += 4
    diff = compared(tmp_path, first, second)
    assert states(diff) == {"w": "same", "e": "same", "t": "changed"}
    change = row(diff, "t").change
    assert change is not None
    assert (change.largest_at, change.equal) == ((3, 20, 59), 40 * 60 * 5 - 1)
    assert change.largest == pytest.approx(4, rel=1e-6)


def test_complex_integer_and_bool_tensors(tmp_path: Path) -> None:
    first = {"c": torch.tensor([3 + 4j]), "i": torch.tensor([1, 2**40]), "b": torch.tensor([True, False])}
    second = {"c": torch.tensor([3 - 4j]), "i": torch.tensor([1, 2**40 + 5]), "b": torch.tensor([True, True])}
    diff = compared(tmp_path, first, second)
    changes = {row.name: row.change for row in diff.rows}
    assert changes["c"] is not None
    assert changes["c"].largest == 8.0
    assert changes["i"] is not None
    assert (changes["i"].largest, changes["i"].equal) == (5, 1)
    assert changes["b"] is not None
    assert changes["b"].equal == 1


def test_sparse_tensors_are_compared_by_their_parts(tmp_path: Path) -> None:
    sparse = partial(torch.sparse_coo_tensor, check_invariants=True)
    at = torch.tensor([[0, 1], [2, 3]])
    first = {"s": sparse(at, torch.tensor([3.0, 4.0]), (4, 4)), "w": torch.ones(1)}
    moved = {"s": sparse(at, torch.tensor([3.0, 8.0]), (4, 4)), "w": torch.ones(1)}
    elsewhere = {"s": sparse(at.flip(0), torch.tensor([3.0, 4.0]), (4, 4)), "w": torch.ones(1)}
    change = row(compared(tmp_path, first, moved), "s").change
    assert change is not None
    assert change.relative == pytest.approx(4 / 5)
    assert states(compared(tmp_path, first, elsewhere))["s"] == "changed"
    assert states(compared(tmp_path, first, first, trust_checksums=False))["s"] == "same"


def test_one_without_tensors_or_without_common_names_says_so(tmp_path: Path) -> None:
    nothing = compared(tmp_path, {"a.weight": torch.ones(2)}, {"b.weight": torch.ones(2)})
    assert set(states(nothing).values()) == {"added", "removed"}
    assert "first.pt and second.pt share no tensor name, also with known prefixes left out" in nothing.notes
    empty = compared(tmp_path, {}, {"w": torch.ones(2)})
    assert states(empty) == {"w": "added"}


def test_a_file_cut_off_gives_rows_that_say_why(tmp_path: Path) -> None:
    state = {f"layer{number}.weight": torch.randn(500) for number in range(8)}
    buffer = io.BytesIO()
    torch.save(state, buffer, _use_new_zipfile_serialization=False)
    (tmp_path / "whole.pt").write_bytes(buffer.getvalue())
    (tmp_path / "cut.pt").write_bytes(buffer.getvalue()[:-6000])
    diff = diff_of(opened(tmp_path / "whole.pt"), opened(tmp_path / "cut.pt"), QUIET)
    unread = [row for row in diff.rows if row.state == "unread"]
    assert unread
    assert all(row.because for row in unread)
    assert any(row.state == "same" for row in diff.rows)


def test_progress_grows_to_the_whole_and_a_cancel_is_seen(tmp_path: Path) -> None:
    reports: list[Progress] = []
    torch.save({"w": torch.randn(3_000_000)}, tmp_path / "a.pt")
    torch.save({"w": torch.randn(3_000_000)}, tmp_path / "b.pt")
    files = opened(tmp_path / "a.pt"), opened(tmp_path / "b.pt")
    diff_of(*files, Pulse(reports.append))
    comparing = [report for report in reports if report.what.startswith("comparing")]
    assert (comparing[-1].done, comparing[-1].total) == (24_000_000, 24_000_000)
    seen = iter((False,) * 4)
    with pytest.raises(WorkCancelled):
        diff_of(*files, Pulse(cancelled=lambda: next(seen, True)))


def test_names_carry_as_many_folders_as_tell_them_apart() -> None:
    assert told_apart(Path("/a/x/last.pt"), Path("/a/y/last.pt")) == ("x/last.pt", "y/last.pt")
    assert told_apart(Path("/a/one.pt"), Path("/b/two.pt")) == ("one.pt", "two.pt")
    assert told_apart(Path("/a/one.pt"), Path("/a/one.pt")) == ("one.pt", "one.pt")


def test_optimizer_state_numbered_by_addresses_meets_by_place(tmp_path: Path) -> None:
    def saved(start: int) -> dict[str, Any]:
        ids = [start + 96, start, start + 48]
        state = {one: {"momentum_buffer": torch.full((2,), float(place))} for place, one in enumerate(ids)}
        groups = [{"lr": 0.1, "params": ids[:2]}, {"lr": 0.1, "params": ids[2:]}]
        return {"w": torch.ones(2), "optimizer": {"state": state, "param_groups": groups}}

    diff = compared(tmp_path, saved(139862731207736), saved(47862042618520), optimizer=True, legacy=True)
    rows = [row for row in diff.rows if row.role == "optimizer"]
    assert [(row.name, row.state) for row in rows] == [
        (f"optimizer.state.{place}.momentum_buffer", "same") for place in range(3)
    ]


def test_weights_of_another_start_are_told_from_later_weights(tmp_path: Path) -> None:
    torch.manual_seed(5)
    one, other = torch.randn(80, 60), torch.randn(80, 60)
    told = "two trainings from different starts"
    assert any(told in note for note in compared(tmp_path, {"a": one}, {"a": other}).notes)
    assert not any(told in note for note in compared(tmp_path, {"a": one}, {"a": one + 2 * other}).notes)


@pytest.mark.filterwarnings("ignore")
def test_quantized_tensors_of_another_scale_have_changed_though_their_integers_are_the_same(tmp_path: Path) -> None:
    numbers = torch.arange(8, dtype=torch.float32)
    one = {"w": torch.quantize_per_tensor(numbers, 0.5, 0, torch.qint8)}
    other = {"w": torch.quantize_per_tensor(2 * numbers, 1.0, 0, torch.qint8)}
    assert torch.equal(one["w"].int_repr(), other["w"].int_repr())
    assert states(compared(tmp_path, one, one)) == {"w": "same"}
    found = row(compared(tmp_path, one, other), "w")
    assert (found.state, found.because) == ("changed", "has another scale or zero point")
    channels = [
        {
            "w": torch.quantize_per_channel(
                numbers.view(2, 4), torch.tensor([0.5, scale]), torch.zeros(2), 0, torch.qint8
            )
        }
        for scale in (0.5, 0.5001)
    ]
    assert torch.equal(channels[0]["w"].int_repr(), channels[1]["w"].int_repr())
    assert states(compared(tmp_path, *channels)) == {"w": "changed"}
    assert states(compared(tmp_path, channels[0], channels[0])) == {"w": "same"}
