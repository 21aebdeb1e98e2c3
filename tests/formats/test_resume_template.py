"""A user's own resume template: what it may say, and the command that it makes."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from inspector.core.errors import DamagedError, FileError, MissingError, SettingsError
from inspector.core.resources import resource
from inspector.formats.resume_template import fields_of_template, read_template, template_command, template_edits
from inspector.formats.unpickled_names import trust_sentence

TEXT = """
title = "SLATE"
command = ["{python}", "train.py", "--resume={checkpoint}", "--out", "{output}"]
folder = "code"
rate_owner = "loop"

[settings.lr]
arguments = ["--lr", "{value}"]
source = "args.lr_main"
title = "Learning rate"
kind = "number"
minimum = 0.0
maximum = 1.0

[settings.augment]
arguments = ["--augment={value}"]
kind = "boolean"
"""

PLACES = {"python": sys.executable, "checkpoint": "a b.pt", "output": "$(out)", "run": "r", "device": "cpu"}


def written(folder: Path, text: str = TEXT) -> Path:
    path = folder / "resume.toml"
    path.write_text(text)
    return path


def test_a_template_becomes_an_argument_list_that_no_shell_sees(tmp_path):
    template = read_template(written(tmp_path))
    assert template.folder == str(tmp_path / "code")
    command = template_command(template, PLACES, template_edits(template, {"lr": "3e-4", "augment": False}))
    tail = ["--resume=a b.pt", "--out", "$(out)", "--lr", "0.0003", "--augment=false"]
    assert command == [sys.executable, "train.py", *tail]
    told = "import sys; print(sys.argv[1:])"
    out = subprocess.run([command[0], "-c", told, *command[2:]], capture_output=True, text=True, check=True)
    assert out.stdout.strip() == str(tail)


def test_settings_not_edited_are_left_to_the_script(tmp_path):
    template = read_template(written(tmp_path))
    assert template_command(template, PLACES, {})[-1] == "$(out)"


def test_the_form_shows_what_the_run_has(tmp_path):
    fields = fields_of_template(read_template(written(tmp_path)), {"args.lr_main": 1e-4, "augment": True})
    assert [(field.path, field.title, field.kind, field.default) for field in fields] == [
        ("lr", "Learning rate", "number", 1e-4),
        ("augment", "augment", "boolean", True),
    ]


@pytest.mark.parametrize(("name", "value"), [("lr", "2.0"), ("lr", "fast"), ("depth", "3"), ("augment", "maybe")])
def test_an_edit_that_the_template_does_not_allow_is_refused(tmp_path, name, value):
    with pytest.raises(SettingsError, match=name):
        template_edits(read_template(written(tmp_path)), {name: value})


@pytest.mark.parametrize(
    ("text", "error", "says"),
    [
        ("command = [", DamagedError, "TOML"),
        ("command = []", FileError, "empty command"),
        ('command = ["{home}/x"]', FileError, "{home}"),
        ('command = "rm -rf /"', FileError, "array"),
        ('command = ["x"]\nshell = true', FileError, "shell"),
        ('command = ["x"]\n[settings.lr]\narguments = ["{checkpoint}"]', FileError, "settings.lr"),
        ('command = ["x"]\nrate_owner = "me"', FileError, "rate_owner"),
    ],
)
def test_a_wrong_template_says_what_is_wrong(tmp_path, text, error, says):
    with pytest.raises(error) as caught:
        read_template(written(tmp_path, text))
    assert says in str(caught.value)
    assert str(caught.value).startswith("resume.toml: expected a resume template")


def test_the_help_page_shows_a_template_that_is_one(tmp_path):
    page = resource("help/resume_any_script.md").read_text()
    template = read_template(written(tmp_path, page.partition("```toml")[2].partition("```")[0]))
    assert template_command(template, PLACES, {"lr_main": 1e-4})[-2:] == ["--lr_main", "0.0001"]


def test_a_missing_template_is_said(tmp_path):
    with pytest.raises(MissingError, match=r"nothing\.toml"):
        read_template(tmp_path / "nothing.toml")


def test_a_checkpoint_that_was_not_read_whole_is_to_be_trusted_too():
    assert trust_sentence("a.pt", []) == ""
    assert trust_sentence("a.pt", [], limited=True).startswith("a.pt: it was not read whole")
    both = trust_sentence("a.pt", ["os.system"], limited=True)
    assert "may call os.system; it was not read whole" in both
