"""The choices of a menu for how the points of a dataset are read."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import msgspec

from inspector.core.language import tr
from inspector.formats.point_conventions import Convention, Frame, Unit
from inspector.views.menu_button import MenuItem
from inspector.views.points.reading_choice import UNITS

AS_GUESSED = "guessed"
"""The item that takes a convention back."""

_FRAMES = {
    Frame.ORIGINAL: tr("Of the original image"),
    Frame.RESIZED: tr("Of the resized image"),
    Frame.LETTERBOXED: tr("Of the letterboxed image"),
}
_ORDERS = {False: tr("x first"), True: tr("y first")}
_READ = {
    Unit.PIXELS: tr("pixels of the {image}, {order}"),
    Unit.SHARES: tr("0 to 1 over the {image}, {order}"),
    Unit.SIGNED: tr("−1 to 1 over the {image}, {order}"),
}


def convention_items(convention: Convention | None) -> tuple[MenuItem, ...]:
    """What there is to choose, the present choice marked; None for as guessed."""
    by_hand = convention is not None
    back = MenuItem(key=AS_GUESSED, text=tr("As guessed"), on=not by_hand, group="guess", enabled=by_hand)
    rows = (
        ("unit", dict(UNITS), convention.unit if convention else None),
        ("frame", _FRAMES, convention.frame if convention else None),
        ("is_yx", _ORDERS, convention.is_yx if convention else None),
    )
    return (
        back,
        *(
            MenuItem(key=f"{field}={value}", text=text, on=value == chosen, group=field)
            for field, texts, chosen in rows
            for value, text in texts.items()
        ),
    )


def with_choice(convention: Convention | None, key: str) -> Convention | None:
    """The convention after an item was chosen; what it does not speak of stays, or is the usual one."""
    if key == AS_GUESSED:
        return None
    field, _equals, value = key.partition("=")
    values: dict[str, Callable[[str], Any]] = {"unit": Unit, "frame": Frame, "is_yx": lambda text: text == "True"}
    return msgspec.structs.replace(convention or Convention(), **{field: values[field](value)})


def short_text(convention: Convention | None) -> str:
    """How a dataset is read, as it stands on a button."""
    if convention is None:
        return tr("as guessed")
    image, size = tr(convention.frame.value), convention.given_hw
    if size and convention.frame is not Frame.ORIGINAL:
        image = tr("{image} of {width:,} × {height:,} px").format(image=image, width=size[1], height=size[0])
    return _READ[convention.unit].format(image=image, order=_ORDERS[convention.is_yx])
