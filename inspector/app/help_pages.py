"""The pages of help that stand in `resources/help` or are made of the program's own tables, and the index of all."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import cache

import msgspec

from inspector.app.commands import shortcut_groups
from inspector.core.resources import resource
from inspector.display.help.metric_pages import metrics_page
from inspector.display.help.pages import CONTENTS, FINDINGS, HelpPage, escaped, link
from inspector.display.markdown_table import table
from inspector.formats.recipes.catalogue import RECIPES
from inspector.session.preferences import Preferences


class Listed(msgspec.Struct, frozen=True):
    """A page that the contents list: its name, the heading it stands under, and what it tells."""

    name: str
    group: str
    says: str


LISTED: tuple[Listed, ...] = (
    Listed(FINDINGS, "A run", "what is looked for, how it is told, and what helps"),
    Listed("metrics", "A run", "what each number measures, its range, and what a trivial answer scores"),
    Listed("own_rules", "A run", "what you look for yourself, in a file of your own"),
    Listed("formats", "Files", "what opens, and what is written"),
    Listed("record", "Files", "dumps of the activations of any model"),
    Listed("recipes", "Training", "what the trainer trains, and how a run is resumed with edits"),
    Listed("own_recipe", "Training", "a file of your own that the trainer takes"),
    Listed("resume_any_script", "Training", "any other script, by a template"),
    Listed("own_viewer", "Your own parts", "a tab of your own, and what it is made of"),
    Listed("own_reader", "Your own parts", "a file format that does not open yet"),
    Listed("triage_json", "The window and the command line", "what `triage --json` and `--sarif` print"),
    Listed("shortcuts", "The window and the command line", "every key"),
    Listed("licences", "The window and the command line", "of the program, and of all that it stands on"),
    Listed("requests", "Coming from elsewhere", "what users of other tools ask for, and where it is answered"),
    Listed("coming_from_tensorboard", "Coming from elsewhere", "where you find what you used there"),
    Listed("coming_from_wandb", "Coming from elsewhere", "where you find what you used there"),
    Listed("coming_from_netron", "Coming from elsewhere", "where you find what you used there"),
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
    return HelpPage(name=FINDINGS, title="All findings", text=_sections(groups))


def _contents_page() -> HelpPage:
    groups: dict[str, list[str]] = {}
    for one in LISTED:
        title = "All findings" if one.name == FINDINGS else standing_page(one.name).title
        groups.setdefault(one.group, []).append(f"- {link(title, one.name)}: {one.says}")
    return HelpPage(name=CONTENTS, title="Help", text=_sections(groups))


def _recipes_page() -> HelpPage:
    """The written page, and below it the presets of each recipe."""
    page = _written_page("recipes")
    parts = [page.text]
    for name, recipe in RECIPES.items():
        rows: list[tuple[str, ...]] = [
            (f"`{preset}`", "fault" if made.is_fault else "cure", escaped(made.sentence))
            for preset, made in recipe.presets.items()
        ]
        parts.append(f"## {escaped(recipe.title)}: `{name}`\n\n{table(('Preset', 'Kind', 'What it is for'), rows)}")
    return msgspec.structs.replace(page, text="\n\n".join(parts))


def _shortcuts_page(preferences: Preferences) -> HelpPage:
    heads = ("Key", "What it does", "More")
    tables = []
    for heading, shortcuts in shortcut_groups(preferences).items():
        rows: list[tuple[str, ...]] = [
            (", ".join(f"`{keys}`" for keys in one.keys), escaped(one.title), escaped(one.tip)) for one in shortcuts
        ]
        tables.append(f"## {heading}\n\n{table(heads, rows)}")
    return HelpPage(name="shortcuts", title="Keyboard shortcuts", text="\n\n".join(tables))


def _sections(groups: dict[str, list[str]]) -> str:
    return "\n\n".join(f"## {group}\n\n" + "\n".join(lines) for group, lines in groups.items())


_MADE: dict[str, Callable[[], HelpPage]] = {
    CONTENTS: _contents_page, "metrics": metrics_page, "recipes": _recipes_page,
}  # fmt: skip
"""Pages of the program's own tables."""
