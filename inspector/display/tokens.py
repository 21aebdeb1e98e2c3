"""The colours of the two themes."""

from __future__ import annotations

from functools import lru_cache
from typing import Literal

import msgspec

ThemeName = Literal["dark", "light"]


class Tokens(msgspec.Struct, frozen=True, kw_only=True):
    """Every colour of one theme as `#rrggbb`.

    Attributes:
        background: behind everything; panel: side bars and cards; raised: cards on a panel, chosen segments.
        line: borders and rules.
        text, dim, faint: writing, in falling weight; at least 4.5 : 1 on what it stands on (faint: not on raised).
        accent: the one colour of the interface itself; action: the primary button; on_action: writing on it.
        selection: behind the chosen row.
        critical, warning, good: severities, beside a word or a shape.
        gt, prediction, other_prediction, error_line, marked: overlays of points; the third is of another dump.
        void: what shows through where a picture has no value.
        series: lines of curves, in the order they are dealt out; red is left to severities.
    """

    background: str
    panel: str
    raised: str
    line: str
    text: str
    dim: str
    faint: str
    accent: str
    action: str
    on_action: str
    selection: str
    critical: str
    warning: str
    good: str
    void: str
    series: tuple[str, ...]
    gt: str = "#3ddc84"
    prediction: str = "#ff5c5c"
    other_prediction: str = "#d08bff"
    error_line: str = "#ffd84d"
    marked: str = "#8ab8ff"


TOKENS: dict[ThemeName, Tokens] = {
    "dark": Tokens(
        background="#14161a",
        panel="#1a1d22",
        raised="#22262d",
        line="#2c313a",
        text="#e4e7ec",
        dim="#9aa3af",
        faint="#808a98",
        accent="#6ea8fe",
        action="#2f5aa8",
        on_action="#ffffff",
        selection="#263043",
        critical="#f2777a",
        warning="#e8b04b",
        good="#63c08a",
        void="#3a3f49",
        series=("#6ea8fe", "#f0943f", "#63c08a", "#b392f0", "#4cc3c7", "#e8cf5a", "#ee8fc4", "#a3846a"),
    ),
    "light": Tokens(
        background="#f4f5f7",
        panel="#ffffff",
        raised="#ffffff",
        line="#dfe3e8",
        text="#1b1f24",
        dim="#57606a",
        faint="#646c75",
        accent="#2563c9",
        action="#2563c9",
        on_action="#ffffff",
        selection="#e1eafb",
        critical="#c62f35",
        warning="#9a6700",
        good="#1a7f4b",
        void="#c9ced6",
        series=("#2563c9", "#c2570c", "#1a7f4b", "#7446c4", "#0b7f86", "#8a6d00", "#b53a7f", "#7a5a41"),
    ),
}


def rgb(colour: str) -> tuple[int, int, int]:
    """Red, green and blue, 0..255 each, of `#rrggbb`."""
    return int(colour[1:3], 16), int(colour[3:5], 16), int(colour[5:7], 16)


@lru_cache(maxsize=1024)
def mixed(colour: str, other: str, share: float) -> str:
    """`colour` with `share` (0..1) of `other` in it."""
    parts = (round(a + (b - a) * share) for a, b in zip(rgb(colour), rgb(other), strict=True))
    return "#" + "".join(f"{part:02x}" for part in parts)


def series_colour(tokens: Tokens, index: int) -> str:
    """The colour of the line that was dealt out as number `index`; they repeat after the last."""
    return tokens.series[index % len(tokens.series)]


def severity_colour(severity: str, theme: Tokens) -> str:
    """`#rrggbb` of `info`, `warning`, `error` or `critical`; error and critical differ in shape and word."""
    return {"critical": theme.critical, "error": theme.critical, "warning": theme.warning}.get(severity, theme.dim)
