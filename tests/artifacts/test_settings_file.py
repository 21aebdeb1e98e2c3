from __future__ import annotations

import json
import math
import tomllib
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from inspector.artifacts.settings import settings_file
from inspector.core.errors import DamagedError, FileError, LimitError, MissingError
from inspector.core.notes import Notes
from inspector.core.pulse import QUIET
from inspector.formats.facts import SettingsFacts
from tests.conftest import sample_files
from tests.examples import examples

REAL = sample_files("**/*.yaml", "**/*.yml", "logs/**/*.json", "wandb/**/*.json", "checkpoints/**/*.json")


def read(text: str | bytes, name: str, folder: Path) -> SettingsFacts:
    path = folder / name
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return settings_file.facts(path, QUIET)


def leaves(tree: Any, prefix: str = "") -> dict[str, Any]:
    """The values of a small tree by dotted path, lists of plain values whole."""
    if isinstance(tree, dict) and tree:
        items = tree.items()
    elif isinstance(tree, list) and any(isinstance(item, dict | list) for item in tree):
        items = enumerate(tree)
    else:
        return {prefix or "value": tree}
    return {
        path: leaf
        for key, value in items
        for path, leaf in leaves(value, f"{prefix}.{key}" if prefix else str(key)).items()
    }


TREE = {"optim": {"lr": 1e-3, "betas": [0.9, 0.999]}, "blocks": [{"width": 32}, {"width": 64}], "name": "a", "on": True}


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("a.json", json.dumps(TREE)),
        ("a.yaml", yaml.safe_dump(TREE)),
        ("config", json.dumps(TREE)),
        ("config", yaml.safe_dump(TREE)),
        (
            "a.toml",
            'name = "a"\non = true\nblocks = [{width = 32}, {width = 64}]\n[optim]\nlr = 1e-3\nbetas = [0.9, 0.999]\n',
        ),
    ],
)
def test_values_stand_under_their_dotted_paths(name, text, tmp_path):
    found = read(text, name, tmp_path)
    expected = {
        "optim.lr": 1e-3,
        "optim.betas": [0.9, 0.999],
        "blocks.0.width": 32,
        "blocks.1.width": 64,
        "name": "a",
        "on": True,
    }
    assert found.values == expected
    assert found.notes == ()


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("a.json", '{"a": NaN, "b": [Infinity, 1], "c": -Infinity}'),
        ("a.yaml", "a: .nan\nb: [.inf, 1]\nc: -.inf\n"),
        ("a.toml", "a = nan\nb = [inf, 1]\nc = -inf\n"),
    ],
)
def test_numbers_that_json_cannot_write_are_spelled(name, text, tmp_path):
    assert read(text, name, tmp_path).values == {"a": "NaN", "b": ["Infinity", 1], "c": "-Infinity"}


def test_wandbs_config_is_unwrapped(tmp_path):
    text = "wandb_version: 1\nlr:\n  desc: null\n  value: 0.01\nmodel:\n  desc: x\n  value: {k: 7}\n"
    assert read(text, "config.yaml", tmp_path).values == {"lr": 0.01, "model.k": 7}
    assert read("lr: {value: 1}\n_wandb: {value: {t: 2}}\n", "config.yaml", tmp_path).values == {"lr": 1, "_wandb.t": 2}
    assert read("lr: {value: 1}\n", "config.yaml", tmp_path).values == {"lr.value": 1}
    kept = read("lr: {value: 1}\nother: {value: 1, more: 2}\n", "config.yaml", tmp_path).values
    assert kept == {"lr.value": 1, "other.value": 1, "other.more": 2}


def test_dates_long_lists_and_great_integers_are_plain_values(tmp_path):
    found = read(f"day: 2024-01-02\nlist: {list(range(100))}\nbig: {2**100}\n", "a.yaml", tmp_path).values
    assert found["day"] == "2024-01-02"
    assert found["list.99"] == 99
    assert found["big"] == str(2**100)


def test_python_tags_are_told_and_never_resolved(tmp_path):
    found = read(
        "a: !!python/object/apply:os.system ['touch x']\nb: !mine 3\nc: !!python/tuple [1, 2]\n", "a.yaml", tmp_path
    )
    assert found.values == {"a": ["touch x"], "b": "3", "c": [1, 2]}
    assert [note.split(" was")[0] for note in found.notes] == [
        "the tag tag:yaml.org,2002:python/object/apply:os.system",
        "the tag !mine",
        "the tag tag:yaml.org,2002:python/tuple",
    ]


def test_merges_and_aliases_read_as_pyyaml_reads_them(tmp_path):
    text = "a: &a {x: 1, y: 2}\nb:\n  <<: *a\n  y: 3\nc:\n  <<: [*a, {z: 4}]\nd: *a\n"
    found = read(text, "a.yaml", tmp_path)
    assert found.values == leaves(yaml.safe_load(text))
    assert found.notes == ()


def test_several_documents_stand_under_their_numbers(tmp_path):
    found = read("a: 1\n---\na: 2\n", "a.yaml", tmp_path)
    assert found.values == {"0.a": 1, "1.a": 2}
    assert found.notes == ("the file holds 2 documents, each stands under its number",)


def test_a_path_that_is_set_twice_is_noted(tmp_path):
    found = read('{"a.b": 1, "a": {"b": 2}}', "a.json", tmp_path)
    assert found.values == {"a.b": 2}
    assert found.notes == ("a.b is set twice, the later value is shown",)


BOMBS = {
    "laughs.yaml": "a0: &a0 [x, x]\n" + "".join(f"a{n}: &a{n} [*a{n - 1}, *a{n - 1}]\n" for n in range(1, 60)),
    "cycle.yaml": "a: &a [*a, *a]\n",
    "merge.yaml": "a0: &a0 {k: v}\n" + "".join(f"a{n}: &a{n} {{<<: [*a{n - 1}, *a{n - 1}]}}\n" for n in range(1, 200)),
    "many.yaml": "[" + "1," * 300_000 + "]",
    "deep.yaml": "[" * 100_000,
    "wide_merge.yaml": (
        "a: &a {" + ", ".join(f"k{n}: 1" for n in range(2000)) + "}\n"
        + "".join(f"b{n}: {{<<: *a}}\n" for n in range(2000))
    ),
    "deep.json": "[" * 100_000 + "]" * 100_000,
    "digits.json": '{"a": ' + "9" * 100_000 + "}",
    "digits.yaml": "a: " + "9" * 100_000 + "\n",
    "many.json": json.dumps({f"k{n}": n for n in range(30_000)}),
    "deep.toml": "a = " + "[" * 20_000 + "]" * 20_000,
    "dotted.toml": "a." * 100_000 + "a = 1\n",
    "inline.toml": "x = {" + '"a" . ' * 5_000 + "a = 1}\n",
    "words.toml": "# " + "a" * 500_000 + "\nb = 1\n",
}  # fmt: skip


@pytest.mark.parametrize("name", BOMBS)
def test_bombs_end_in_a_typed_error_or_a_note(name, tmp_path):
    try:
        found = read(BOMBS[name], name, tmp_path)
    except FileError as error:
        assert isinstance(error, LimitError | DamagedError)
        return
    assert len(found.values) <= settings_file.MAX_VALUES
    assert found.notes or name in ("merge.yaml", "digits.yaml", "words.toml")


def test_a_file_too_large_for_settings_is_refused(monkeypatch, tmp_path):
    monkeypatch.setitem(settings_file.MAX_BYTES, "json", 10)
    with pytest.raises(LimitError, match="at most 10 B of JSON settings, found 12 B"):
        read('{"a": 12345}', "a.json", tmp_path)


@pytest.mark.parametrize(
    ("name", "text", "sentence"),
    [
        ("a.json", '{"a": ', "expected JSON, found"),
        ("a.json", b"\xff\xfe{", "expected JSON, found"),
        ("a.yaml", "a: [1,\nb: {", "in line"),
        ("a.yaml", b"a: \xff\xff", "expected YAML, found"),
        ("a.toml", "a = ", "expected TOML, found"),
    ],
)
def test_damage_is_told_in_a_sentence(name, text, sentence, tmp_path):
    with pytest.raises(DamagedError, match=sentence):
        read(text, name, tmp_path)


def test_empty_and_absent_files(tmp_path):
    assert read("", "a.yaml", tmp_path).notes == ("the file is empty",)
    assert read("{}\n", "hparams.yaml", tmp_path) == SettingsFacts(container="yaml", bytes=3)
    with pytest.raises(MissingError):
        settings_file.facts(tmp_path / "absent.json", QUIET)


plain = (
    st.none()
    | st.booleans()
    | st.integers(-(2**60), 2**60)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=8)
)
trees = st.recursive(
    plain,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(min_size=1, max_size=6), inner, max_size=4),
)


@examples(15)
@given(trees)
def test_yaml_trees_read_as_pyyaml_reads_them(tree):
    text = yaml.safe_dump(tree)
    (found,) = settings_file.yaml_documents(text, max_depth=64, max_nodes=10_000, notes=Notes(), pulse=QUIET)
    assert found == yaml.safe_load(text)


@examples(20)
@given(st.dictionaries(st.from_regex(r"[a-z]{1,6}", fullmatch=True), trees, min_size=1, max_size=4))
def test_json_trees_read_as_the_json_module_reads_them(tmp_path_factory, tree):
    found = read(json.dumps(tree), "a.json", tmp_path_factory.getbasetemp())
    assert found.values == leaves(tree) or found.notes


@settings(max_examples=100, deadline=None)
@given(st.binary(max_size=200), st.sampled_from(["a.json", "a.yaml", "a.toml", "a"]))
def test_random_bytes_give_a_typed_error_or_values(tmp_path_factory, data, name):
    try:
        read(data, name, tmp_path_factory.getbasetemp())
    except FileError as error:
        assert name in str(error)


@pytest.mark.samples
@pytest.mark.parametrize("path", REAL, ids=lambda path: "/".join(path.parts[-3:]))
def test_real_settings_read_as_their_own_libraries_read_them(path):
    found = settings_file.facts(path, QUIET)
    if path.suffix == ".json":
        expected = json.loads(path.read_text())
    elif path.name == "args.yml":  # Python's OrderedDict; read off the file by eye
        assert found.values["algo"] == "tqc"
        assert found.values["eval_episodes"] == 5
        assert found.values["verbose"] == 1
        return
    else:
        expected = yaml.safe_load(path.read_text())
    if isinstance(expected, dict) and "wandb_version" in expected:
        expected = {key: item["value"] for key, item in expected.items() if key != "wandb_version"}
    small = {
        key: value for key, value in leaves(expected or {}).items() if not isinstance(value, list) or len(value) < 65
    }
    if len(small) < settings_file.MAX_VALUES and small.keys() != {"value"}:
        for key, value in small.items():
            assert found.values[key] == value or (isinstance(value, float) and math.isnan(value))


def test_toml_reads_as_tomllib_reads_it(tmp_path):
    text = Path(__file__).parents[2].joinpath("pyproject.toml").read_text()
    expected = {
        key: value
        for key, value in leaves(tomllib.loads(text)).items()
        if not isinstance(value, list) or len(value) < 65
    }
    assert read(text, "pyproject.toml", tmp_path).values.items() >= expected.items()
