"""The page of metrics, made of what is said of each."""

from __future__ import annotations

from inspector.display.help.pages import HelpPage, escaped
from inspector.display.markdown_table import table
from inspector.formats.metric_meanings import MEANINGS, Meaning

_EACH = "…"
_HEADS = ("Metric", "What it measures", "Range", "A trivial answer")
_BEFORE = (
    "The names are those of this program's own trainer; a name of another program that says the same has the same tip."
    f" A name that ends in `{_EACH}` is that of each layer, module, group or term. A score says something only beside"
    " what a trivial answer scores, which the trainer logs as `baseline/…`."
)


def metrics_page() -> HelpPage:
    """What each metric measures, by the first part of its name."""
    groups: dict[str, list[tuple[str, ...]]] = {}
    for meaning in MEANINGS:
        groups.setdefault(meaning.name.partition("/")[0], []).append(_row(meaning))
    small = {first: rows for first, rows in groups.items() if len(rows) == 1}
    parts = [_BEFORE]
    parts += [f"## {first}\n\n{table(_HEADS, rows)}" for first, rows in groups.items() if first not in small]
    parts.append(f"## More\n\n{table(_HEADS, [row for rows in small.values() for row in rows])}")
    return HelpPage(name="metrics", title="Metrics", text="\n\n".join(parts))


def _row(meaning: Meaning) -> tuple[str, ...]:
    name = f"{meaning.name}{_EACH}" if meaning.name.endswith(("/", "_")) else meaning.name
    more = f" ({meaning.source})" if meaning.source else ""
    return f"`{name}`", escaped(meaning.text + more), escaped(meaning.span), escaped(meaning.baseline)
