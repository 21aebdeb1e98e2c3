"""Days as a person reads them, in the user's language."""

from __future__ import annotations

from datetime import date

from inspector.core.language import tr, tr_later

_MONTHS = (
    tr_later("Jan"), tr_later("Feb"), tr_later("Mar"), tr_later("Apr"), tr_later("May"), tr_later("Jun"),
    tr_later("Jul"), tr_later("Aug"), tr_later("Sep"), tr_later("Oct"), tr_later("Nov"), tr_later("Dec"),
)  # fmt: skip
"""Not `%b`, which is of the system's language, or English."""


def day_text(day: date, *, year: bool = False, digits: int = 1) -> str:
    """`7 Mar`, or `7 Mar 2026` with its year; the day has so many digits at least."""
    said = tr("{day} {month} {year}") if year else tr("{day} {month}")
    return said.format(day=f"{day.day:0{digits}}", month=tr(_MONTHS[day.month - 1]), year=day.year)
