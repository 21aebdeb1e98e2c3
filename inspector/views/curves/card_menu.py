"""What the menu of a card offers."""

from __future__ import annotations

from inspector.views.curves.exporting import EXPORTS
from inspector.views.menu_button import MenuItem


def card_menu(order: str, *, alone: bool) -> list[MenuItem]:
    """The items; `order` is that of the values under the pointer, `alone` says that no other card is shown."""
    return [
        MenuItem(key="pin", text="Keep these values here"),
        MenuItem(key="nearness", text="Nearest first", group="order", on=order == "nearness", heading="Values"),
        MenuItem(key="value", text="Greatest first", group="order", on=order == "value"),
        MenuItem(key="alone", text="Show all cards" if alone else "Show only this card", heading="Card"),
        MenuItem(key="fit", text="Fit"),
        *EXPORTS,
    ]
