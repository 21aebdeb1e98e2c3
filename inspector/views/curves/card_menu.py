"""What the menu of a card offers."""

from __future__ import annotations

from inspector.core.language import tr
from inspector.views.curves.card import ALL_CARDS, ALONE
from inspector.views.curves.exporting import EXPORTS
from inspector.views.menu_button import MenuItem


def card_menu(order: str, *, alone: bool) -> list[MenuItem]:
    """The items; `order` is that of the values under the pointer, `alone` says that no other card is shown."""
    return [
        MenuItem(key="pin", text=tr("Keep these values here")),
        MenuItem(key="nearness", text=tr("Nearest first"), group="order", on=order == "nearness", heading=tr("Values")),
        MenuItem(key="value", text=tr("Greatest first"), group="order", on=order == "value"),
        MenuItem(key="alone", text=ALL_CARDS if alone else ALONE, heading=tr("Card")),
        MenuItem(key="fit", text=tr("Fit")),
        *EXPORTS,
    ]
