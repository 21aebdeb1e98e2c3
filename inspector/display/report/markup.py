"""Elements of a page: every text is shown as it is unless it was made here."""

from __future__ import annotations

from collections.abc import Iterable
from html import escape

from inspector.core.texts import visible

_EMPTY = frozenset({"meta", "img"})


class Html(str):
    """Markup of this program; any other text is one that is to be shown."""

    __slots__ = ()


def tag(name: str, /, *inside: str, **attributes: str) -> Html:
    """An element with what is in it; an underscore in an attribute's name stands for a hyphen, one at its end for none.

    Attributes without a text are left out.
    """
    told = "".join(
        f' {key.rstrip("_").replace("_", "-")}="{joined((value,))}"' for key, value in attributes.items() if value
    )
    return Html(f"<{name}{told}>" if name in _EMPTY else f"<{name}{told}>{joined(inside)}</{name}>")


def tag_if(name: str, inside: str, /, **attributes: str) -> Html:
    """As `tag`; nothing where there is nothing in it."""
    return tag(name, inside, **attributes) if inside else Html()


def joined(parts: Iterable[str]) -> Html:
    """Elements and texts, one after the other."""
    return Html("".join(part if isinstance(part, Html) else shown(part) for part in parts))


def shown(text: str, limit: int = 4096) -> Html:
    """A text that may stand anywhere in the page: control characters written out, no markup."""
    return Html(escape(visible(text, limit), quote=True))
