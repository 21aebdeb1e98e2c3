"""Figures of a report as SVG: curves as paths in the page's own colours, pictures as PNG in data URIs."""

from __future__ import annotations

import base64
from collections.abc import Iterable, Iterator

import numpy as np

from inspector.core.arrays import FloatArray, Rgba
from inspector.core.png import png_of
from inspector.core.texts import short
from inspector.display.points.overlay import Place, PointPair
from inspector.display.report.markup import Html, shown, tag
from inspector.display.report.values import Chart, ChartLine, Shot
from inspector.display.tokens import TOKENS
from inspector.display.triage.scene import Picture

INKS = len(TOKENS["light"].series)

_EVIDENCE = 640, 150
_CHART = 420, 190
_LEFT, _RIGHT, _TOP, _FOOT = 46, 10, 8, 20
_LEAST_SHADE = 3.0
_LABEL = 60
_X_LABEL = 7
_LABELLED_PAIRS = 3
"""Of the worst pairs of a sample the error is written beside its line; more would cover the picture."""

_RING = 0.022
_BEYOND = 0.3
"""So far outside of its picture a point is drawn at most, as a share of its side; its number tells how far it is."""


def data_uri(picture: Rgba) -> Html:
    """A picture, (height, width, 4) uint8 with straight alpha, as an address that holds it."""
    opaque = int(picture[..., 3].min(initial=255)) == 255
    return Html(f"data:image/png;base64,{base64.b64encode(png_of(picture, alpha=not opaque)).decode()}")


def evidence_svg(picture: Picture, severity: str) -> Html:
    """The picture of a piece of evidence; empty where there is nothing to draw."""
    if picture.blank:
        return Html()
    if picture.image.size:
        return tag("img", class_="strip", alt=picture.legend, src=data_uri(picture.image))
    width, height = _EVIDENCE
    shapes = (_bars if picture.bars.size else _strokes)(picture, width, height, severity)
    return _svg(width, height, "".join(shapes), picture.legend, "evidence")


def _svg(width: float, height: float, inside: str, title: str, kind: str, room: float = 0.0) -> Html:
    box = f"{0 - room:g} {0 - room:g} {width + 2 * room:g} {height + 2 * room:g}"
    return tag("svg", Html(inside), class_=kind, viewBox=box, role="img", aria_label=title)


def _bars(picture: Picture, width: float, height: float, severity: str) -> Iterator[str]:
    step = width / len(picture.bars)
    gap = 1.0 if step >= 3 else 0.0
    marked = set(picture.marked)
    for place, share in enumerate(picture.bars.tolist()):
        tall = max(share * height, 3.0 if place in marked else 0.5)
        ink = f"fill-{severity}" if place in marked else "bar"
        yield (
            f'<rect class="{ink}" x="{place * step:.2f}" y="{height - tall:.2f}" width="{step - gap:.2f}"'
            f' height="{tall:.2f}"/>'
        )


def _strokes(picture: Picture, width: float, height: float, severity: str) -> Iterator[str]:
    if picture.shade is not None:
        first, last = (share * width for share in picture.shade)
        first = min(first, width - _LEAST_SHADE)
        wide = max(last - first, _LEAST_SHADE)
        yield f'<rect class="shade fill-{severity}" x="{first:.2f}" y="0" width="{wide:.2f}" height="{height:g}"/>'
    for stroke in picture.strokes:
        path = _path(stroke.x, stroke.y, (0.0, width), (0.0, height))
        yield f'<path class="line ink-{stroke.ink}{" dashed" if stroke.dashed else ""}" d="{path}"/>'
    for x, y in picture.dots:
        yield f'<circle class="dot" cx="{x * width:.2f}" cy="{(1 - y) * height:.2f}" r="4"/>'


def _path(x: FloatArray, y: FloatArray, across: tuple[float, float], down: tuple[float, float]) -> str:
    """A curve as the words of a path; a gap interrupts it, and a point alone is a dot of the line's width.

    Args:
        x: (points,) float64, 0 to 1 from left to right.
        y: (points,) float64, 0 to 1 from the foot up.
        across: where 0 and 1 of x are.
        down: where the top and the foot are.
    """
    places_x = across[0] + np.clip(x, -1, 2) * (across[1] - across[0])
    places_y = down[1] - np.clip(y, -1, 2) * (down[1] - down[0])
    known = np.isfinite(x) & np.isfinite(y)
    words: list[str] = []
    pen_down = False
    for there, at_x, at_y in zip(known.tolist(), places_x.tolist(), places_y.tolist(), strict=True):
        if not there:
            words.append("h0" if pen_down else "")
        else:
            words.append(f"{'L' if pen_down else 'M'}{at_x:.1f} {at_y:.1f}")
        pen_down = there
    if pen_down:
        words.append("h0")
    return "".join(words)


def chart_svg(chart: Chart) -> Html:
    """Curves with their axes; what was planned lies under what was recorded."""
    width, height = _CHART
    across, down = (float(_LEFT), float(width - _RIGHT)), (float(_TOP), float(height - _FOOT))
    inside = [*_axes(chart, across, down)]
    for line in sorted(chart.lines, key=lambda one: not (one.dim or one.dashed)):
        style = f"{' dashed' if line.dashed else ''}{' dim' if line.dim else ''}"
        inside.append(f'<path class="line {ink_class(line)}{style}" d="{_path(line.x, line.y, across, down)}"/>')
    return _svg(width, height, "".join(inside), chart.title, "chart")


def _axes(chart: Chart, across: tuple[float, float], down: tuple[float, float]) -> Iterator[str]:
    for mark in chart.y_marks:
        y = down[1] - mark.place * (down[1] - down[0])
        yield f'<path class="grid" d="M{across[0]:g} {y:.1f}H{across[1]:g}"/>'
        yield f'<text class="tick end" x="{across[0] - 6:g}" y="{y + 3.5:.1f}">{shown(mark.text)}</text>'
    yield f'<path class="axis" d="M{across[0]:g} {down[1]:g}H{across[1]:g}"/>'
    foot = down[1] + 14
    yield f'<text class="tick end" x="{across[0] - 6:g}" y="{foot:g}">{shown(short(chart.x_label, _X_LABEL))}</text>'
    for mark in chart.x_marks:
        x = across[0] + mark.place * (across[1] - across[0])
        side = " end" if mark.place > 0.95 else " middle"
        yield f'<text class="tick{side}" x="{x:.1f}" y="{foot:g}">{shown(mark.text)}</text>'


def ink_class(line: ChartLine) -> str:
    """The class of a line's colour: a number of the series palette, or a token by its name."""
    return f"ink-s{line.ink % INKS}" if isinstance(line.ink, int) else f"ink-{line.ink}"


def shot_svg(shot: Shot) -> Html:
    """A sample: its pictures side by side, truth and predictions over the first with a line between them.

    Around a picture there is room for points that lie outside of it.
    """
    height, width = (max(1, side) for side in shot.pictures[0].shape[:2])
    gap = width * 0.04
    parts = [
        f'<image href="{data_uri(picture)}" x="{place * (width + gap):g}" y="0" width="{width}" height="{height}"/>'
        for place, picture in enumerate(shot.pictures)
        if picture.size
    ]
    longest = max(height, width)
    parts += [_pair(pair, width, height, longest, labelled=n < _LABELLED_PAIRS) for n, pair in enumerate(shot.pairs)]
    whole = len(shot.pictures) * width + (len(shot.pictures) - 1) * gap
    return _svg(whole, height, "".join(parts), shot.caption, "shot", _room(shot.pairs, width, height, longest))


def _room(pairs: Iterable[PointPair], width: int, height: int, longest: int) -> float:
    """How far points lie beyond the edges of their picture, with their rings; 0 where all are within."""
    places = [_at(one, width, height) for pair in pairs for one in (pair.gt, pair.prediction)]
    beyond = max((max(-x, x - width, -y, y - height) for x, y in filter(None, places)), default=0.0)
    return beyond + 2 * _RING * longest if beyond > 0 else 0.0


def _pair(pair: PointPair, width: int, height: int, longest: int, *, labelled: bool) -> str:
    """One object: a ring where it is, a ring where it was predicted, and the line that is the error."""
    radius, line = longest * _RING, longest * 0.008
    gt, prediction = (_at(place, width, height) for place in (pair.gt, pair.prediction))
    parts = []
    if gt and prediction:
        parts.append(
            f'<path class="error" stroke-width="{line:.2f}" d="M{gt[0]:.1f} {gt[1]:.1f}L{prediction[0]:.1f}'
            f' {prediction[1]:.1f}"/>'
        )
    for place, kind in ((gt, "gt"), (prediction, "prediction")):
        if place:
            ring = f'cx="{place[0]:.1f}" cy="{place[1]:.1f}" r="{radius:.2f}"'
            parts.append(f'<circle class="halo" stroke-width="{line * 2:.2f}" {ring}/>')
            parts.append(f'<circle class="{kind}" stroke-width="{line * 1.1:.2f}" {ring}/>')
    at = prediction or gt
    if labelled and pair.label and at:
        size = longest * 0.05
        side = "end" if at[0] > 0.7 * width else "start"
        x = at[0] + (-1.6 if side == "end" else 1.6) * radius
        y = min(max(at[1] + size * 0.35, size), height - size * 0.3)
        parts.append(
            f'<text class="label {side}" font-size="{size:.1f}" stroke-width="{size * 0.22:.2f}" x="{x:.1f}"'
            f' y="{y:.1f}">{shown(pair.label, _LABEL)}</text>'
        )
    return "".join(parts)


def _at(place: Place | None, width: int, height: int) -> tuple[float, float] | None:
    """Where a point is in the picture, one far outside held close to its edge."""
    if place is None:
        return None
    x, y = (min(max(share, -_BEYOND), 1 + _BEYOND) for share in place)
    return x * width, y * height
