"""The pages of help that stand in `resources/help` or are made of the program's own tables, and the index of all."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import cache

import msgspec

from inspector.app.commands import BY_KEY, PREFERRED_KEYS, shortcut_groups
from inspector.core.language import tr
from inspector.core.resources import resource
from inspector.display.help.metric_pages import metrics_page
from inspector.display.help.pages import CONTENTS, FINDINGS, HelpPage, escaped, link
from inspector.display.markdown_table import table
from inspector.formats.recipes.catalogue import RECIPES
from inspector.formats.setting_fields import Field
from inspector.session.preferences import DECLARED, TAGS, Preferences
from inspector.session.sample_lists_store import LISTS_FILE


class Listed(msgspec.Struct, frozen=True):
    """A page that the contents list: its name, the heading it stands under, and what it tells."""

    name: str
    group: str
    says: str


_RUN, _FILES, _TRAINING = tr("A run"), tr("Files"), tr("Training")
_OWN, _WINDOW = tr("Your own parts"), tr("The window and the command line")
_ELSEWHERE, _USED_THERE = tr("Coming from elsewhere"), tr("where you find what you used there")
_ALL_FINDINGS = tr("All findings")

LISTED: tuple[Listed, ...] = (
    Listed(FINDINGS, _RUN, tr("what is looked for, how it is told, and what helps")),
    Listed("metrics", _RUN, tr("what each number measures, its range, and what a trivial answer scores")),
    Listed("own_rules", _RUN, tr("what you look for yourself, in a file of your own")),
    Listed("formats", _FILES, tr("what opens, and what is written")),
    Listed("record", _FILES, tr("dumps of the activations of any model")),
    Listed("recipes", _TRAINING, tr("what the trainer trains, and how a run is resumed with edits")),
    Listed("own_recipe", _TRAINING, tr("a file of your own that the trainer takes")),
    Listed("resume_any_script", _TRAINING, tr("any other script, by a template")),
    Listed("own_viewer", _OWN, tr("a tab of your own, and what it is made of")),
    Listed("own_reader", _OWN, tr("a file format that does not open yet")),
    Listed("triage_json", _WINDOW, tr("what `triage --json` and `--sarif` print")),
    Listed("shortcuts", _WINDOW, tr("every key")),
    Listed("preferences", _WINDOW, tr("what holds for every run, and where it is kept")),
    Listed("licences", _WINDOW, tr("of the program, and of all that it stands on")),
    Listed("requests", _ELSEWHERE, tr("what users of other tools ask for, and where it is answered")),
    Listed("coming_from_tensorboard", _ELSEWHERE, _USED_THERE),
    Listed("coming_from_wandb", _ELSEWHERE, _USED_THERE),
    Listed("coming_from_netron", _ELSEWHERE, _USED_THERE),
)


def standing_page(name: str, preferences: Preferences | None = None) -> HelpPage:
    """A page that needs no reader; keys are those that are preferred.

    Raises:
        FileNotFoundError: there is none of that name.
    """
    if name == "shortcuts":
        return _shortcuts_page(preferences or Preferences())
    made = _MADE.get(name)
    return made() if made else _written_page(name)


@cache
def _written_page(name: str) -> HelpPage:
    """A file of `resources/help`; its first line is its heading."""
    title, _line, text = resource(f"help/{name}.md").read_text(encoding="utf-8").partition("\n")
    return HelpPage(name=name, title=title.removeprefix("# "), text=text.strip())


def findings_page(pages: Iterable[HelpPage]) -> HelpPage:
    """The index of the pages of findings, by their groups."""
    groups: dict[str, list[str]] = {}
    for page in pages:
        groups.setdefault(page.group, []).append(f"- {link(page.title, page.name)}")
    return HelpPage(name=FINDINGS, title=_ALL_FINDINGS, text=_sections(groups))


def _contents_page() -> HelpPage:
    groups: dict[str, list[str]] = {}
    for one in LISTED:
        title = _ALL_FINDINGS if one.name == FINDINGS else standing_page(one.name).title
        groups.setdefault(one.group, []).append(f"- {link(title, one.name)}: {one.says}")
    return HelpPage(name=CONTENTS, title=tr("Help"), text=_sections(groups))


def _recipes_page() -> HelpPage:
    """The written page, and below it the presets of each recipe."""
    page = _written_page("recipes")
    parts = [page.text]
    for name, recipe in RECIPES.items():
        rows: list[tuple[str, ...]] = [
            (f"`{preset}`", tr("fault") if made.is_fault else tr("cure"), escaped(tr(made.sentence)))
            for preset, made in recipe.presets.items()
        ]
        heads = (tr("Preset"), tr("Kind"), tr("What it is for"))
        parts.append(f"## {escaped(tr(recipe.title))}: `{name}`\n\n{table(heads, rows)}")
    return msgspec.structs.replace(page, text="\n\n".join(parts))


def _preferences_page() -> HelpPage:
    """The written page, and below it each preference as it is declared."""
    page = _written_page("preferences")
    keys = {name: BY_KEY[command].shortcuts[0] for command, name in PREFERRED_KEYS.items()}
    rows: list[tuple[str, ...]] = [
        (
            escaped(one.title),
            escaped(one.description),
            f"`{one.path}`" if one is not TAGS else f"`{one.path}`, `{LISTS_FILE}`",
            _choices(one, is_key=one.path in keys),
            f"`{usual}`" if (usual := keys.get(one.path) or one.default) else tr("none"),
        )
        for one in DECLARED
    ]
    heads = (tr("Preference"), tr("What it is for"), tr("In the file"), tr("Choices"), tr("Usual"))
    return msgspec.structs.replace(page, text=f"{page.text}\n\n{table(heads, rows)}")


def _choices(field: Field, *, is_key: bool) -> str:
    if field.choices:
        return ", ".join(f"`{choice}`" for choice in field.choices) + (f" {field.unit}" if field.unit else "")
    return tr("a path") if field.is_path else tr("a key") if is_key else tr("words")


def _shortcuts_page(preferences: Preferences) -> HelpPage:
    heads = (tr("Key"), tr("What it does"), tr("More"))
    tables = []
    for heading, shortcuts in shortcut_groups(preferences).items():
        rows: list[tuple[str, ...]] = [
            (", ".join(f"`{keys}`" for keys in one.keys), escaped(one.title), escaped(one.tip)) for one in shortcuts
        ]
        tables.append(f"## {heading}\n\n{table(heads, rows)}")
    return HelpPage(name="shortcuts", title=tr("Keyboard shortcuts"), text="\n\n".join(tables))


def _sections(groups: dict[str, list[str]]) -> str:
    return "\n\n".join(f"## {group}\n\n" + "\n".join(lines) for group, lines in groups.items())


_MADE: dict[str, Callable[[], HelpPage]] = {
    CONTENTS: _contents_page, "metrics": metrics_page, "preferences": _preferences_page, "recipes": _recipes_page,
}  # fmt: skip
"""Pages of the program's own tables."""
