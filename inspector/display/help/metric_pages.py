"""The page of metrics, made of what is said of each."""

from __future__ import annotations

from inspector.core.language import tr
from inspector.display.help.pages import HelpPage, escaped
from inspector.display.markdown_table import table
from inspector.formats.metric_meanings import MEANINGS, Meaning

_EACH = "…"
_MORE = tr("More")
_HEADS = (tr("Metric"), tr("What it measures"), tr("Range"), tr("A trivial answer"))
_BEFORE = tr(
    "The names are those of this program's own trainer; a name of another program that says the same has the same tip."
    " A name that ends in `{each}` is that of each layer, module, group or term. A score says something only beside"
    " what a trivial answer scores, which the trainer logs as `baseline/…`."
).format(each=_EACH)


def metrics_page() -> HelpPage:
    """What each metric measures, by the first part of its name."""
    groups: dict[str, list[tuple[str, ...]]] = {}
    for meaning in MEANINGS:
        groups.setdefault(meaning.name.partition("/")[0], []).append(_row(meaning))
    small = {first: rows for first, rows in groups.items() if len(rows) == 1}
    parts = [_BEFORE]
    parts += [f"## {first}\n\n{table(_HEADS, rows)}" for first, rows in groups.items() if first not in small]
    parts.append(f"## {_MORE}\n\n{table(_HEADS, [row for rows in small.values() for row in rows])}")
    return HelpPage(name="metrics", title=tr("Metrics"), text="\n\n".join(parts))


def _row(meaning: Meaning) -> tuple[str, ...]:
    name = f"{meaning.name}{_EACH}" if meaning.name.endswith(("/", "_")) else meaning.name
    more = f" ({tr(meaning.source)})" if meaning.source else ""
    return f"`{name}`", escaped(tr(meaning.text) + more), escaped(tr(meaning.span)), escaped(tr(meaning.baseline))
