"""One tensor: its histogram, its picture, its statistics, its outputs."""

from __future__ import annotations

import math
from functools import partial

import numpy as np
from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from inspector.core.language import tr, tr_many
from inspector.core.texts import visible
from inspector.core.units import number_text
from inspector.display.ticks import linear_ticks
from inspector.display.weights.tensor.scene import Line, TensorScene
from inspector.views.charts import BarChart
from inspector.views.controls import Button
from inspector.views.elided import ElidedLabel
from inspector.views.flow import FlowLayout
from inspector.views.surfaces import Card, Ink, Label
from inspector.views.waiting import Waiting
from inspector.views.weights.folding import FoldingRow
from inspector.views.weights.kernels import InputChoice, KernelStrip, Scale
from inspector.views.weights.lines import LineGrid

_CHART_PX = 116
_BARS_PX = 64
_TEXT_PX = 12
_MARKS = {"dead": (tr("red dead"), tr("dead")), "copy": (tr("yellow a copy"), tr("a copy of another"))}
"""What a marked bar is: below the chart, and of itself."""

_SIDE_PX = 262
_LEAST_PX = 240
_HEAD_PX = 460
"""The card's width from which its name, its shape and its change stand on one line."""


class TensorCard(Card):
    """The card of the chosen tensor.

    Signals:
        input_chosen: which input of a convolution is to be pictured.
    """

    input_chosen = Signal(int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("", parent)
        self.name = ElidedLabel(mono=True, middle=True)
        self.facts = ElidedLabel(ink="dim")
        self.change = ElidedLabel(ink="dim")
        self.problem = Label(ink="warning", wrap=True)
        self.waiting = Waiting()
        self.chart = BarChart()
        self.chart.setFixedHeight(_CHART_PX)
        self.chart.setAccessibleName(tr("Histogram"))
        self.kernels = KernelStrip()
        self.scale = Scale()
        self.pictured = Label(ink="faint", size_px=_TEXT_PX)
        self.inputs = InputChoice()
        self.values_said = Label(ink="faint", size_px=_TEXT_PX)
        self.values = BarChart()
        self.values.setFixedHeight(_BARS_PX)
        self.norms_said = Label(ink="faint", size_px=_TEXT_PX)
        self.norms = BarChart()
        self.norms.setFixedHeight(_BARS_PX)
        self.norms.setAccessibleName(tr("Norm of each output unit"))
        self.copy_path = Button(tr("Copy path"))
        self.export = Button(tr("Export tensor…"))
        self._lines = LineGrid(pairs=2)
        self._wide = LineGrid(pairs=1)
        self._wide.setColumnStretch(1, 1)
        self._lay_out()
        self.inputs.chosen.connect(self.input_chosen)

    def _lay_out(self) -> None:
        head = FoldingRow(_HEAD_PX, gap_px=8)
        head.add(self.name)
        head.add(self.facts)
        head.add_space()
        head.add(self.change)
        self._under = QWidget()
        under = FlowLayout(self._under, gap_px=12)
        for below in (self.scale, self.pictured, self.inputs):
            under.addWidget(below)
        pictures = QVBoxLayout()
        pictures.setSpacing(8)
        pictures.addWidget(self.chart)
        pictures.addWidget(self.kernels)
        pictures.addWidget(self._under)
        for widget in (self.values_said, self.values, self.norms_said, self.norms):
            pictures.addWidget(widget)
        pictures.addStretch(1)
        lines = QVBoxLayout()
        buttons = FlowLayout(gap_px=8)
        buttons.addWidget(self.copy_path)
        buttons.addWidget(self.export)
        lines.addLayout(self._lines)
        lines.addSpacing(6)
        lines.addLayout(self._wide)
        lines.addSpacing(6)
        lines.addLayout(buttons)
        lines.addStretch(1)
        left, narrow, side = QWidget(), QWidget(), QWidget()
        # Where the row folds, the side is wider than what stands in it: lines break as they do side by side.
        beside = QHBoxLayout()
        beside.addWidget(narrow)
        beside.addStretch(1)
        for half, layout in ((left, pictures), (narrow, lines), (side, beside)):
            layout.setContentsMargins(0, 0, 0, 0)
            half.setLayout(layout)
        left.setMinimumWidth(_LEAST_PX)
        narrow.setFixedWidth(_SIDE_PX)
        body = FoldingRow(_LEAST_PX + _SIDE_PX + 24, gap_px=24)
        body.add(left, 1)
        body.add(side)
        self.column.addWidget(head)
        self.column.addWidget(self.problem)
        self.column.addWidget(self.waiting)
        self.column.addWidget(body)

    def show_tensor(self, tensor: TensorScene, label: str) -> None:
        """Show a tensor under a label, the name without the model's own path."""
        self.waiting.done()
        self.name.setText(visible(label, 200))
        self.name.setToolTip(visible(tensor.name, 400))
        self.facts.setText(tensor.facts)
        self.change.setText(tensor.change)
        self.change.setVisible(bool(tensor.change))
        problem = tensor.problem or ("" if tensor.heights.any() else _without_bars(tensor))
        self.problem.setText(problem)
        self.problem.setVisible(bool(problem))
        self._show_bars(tensor)
        self.kernels.set_kernels(tensor.kernels, tensor.kernel_names)
        self.inputs.set_inputs(tensor.inputs, tensor.input)
        shown = len(tensor.kernels) > 0 and math.isfinite(tensor.reach) and tensor.reach > 0
        self._under.setVisible(shown)
        if shown:
            self.scale.set_reach(tensor.reach)
        self.pictured.setText(tensor.pictured)
        self.pictured.setVisible(bool(tensor.pictured))
        details = tuple(Line(name=name, value=value, wide=True) for name, value in tensor.details)
        lines = (*tensor.lines, *details)
        self._lines.show_lines([line for line in lines if not line.wide])
        self._wide.show_lines([line for line in lines if line.wide])

    def _show_bars(self, tensor: TensorScene) -> None:
        bars = tensor.heights.size > 0 and bool(tensor.heights.any())
        self.chart.setVisible(bars)
        if bars:
            inks: list[Ink] = ["critical" if bar == tensor.zero_bin else "accent" for bar in range(tensor.heights.size)]
            ticks = linear_ticks(float(tensor.edges[0]), float(tensor.edges[-1]), 5)
            self.chart.set_bars(tensor.heights.astype(np.float64), edges=tensor.edges, inks=inks, ticks=ticks)
        vector = tensor.values.size > 1
        self.values_said.setVisible(vector)
        self.values.setVisible(vector)
        if vector:
            sizes = np.abs(tensor.values)
            below: list[Ink] = np.where(tensor.values < 0, "dim", "accent").tolist()
            say = partial(_element_text, tensor)
            self.values.set_bars(np.where(np.isfinite(sizes), sizes, np.nan), inks=below, say=say)
            signed = bool((tensor.values < 0).any())
            self.values_said.setText(
                tr("size of each element, grey below zero") if signed else tr("size of each element")
            )
        outputs = tensor.norms.size > 1 and bool((tensor.norms > 0).any())
        self.norms_said.setVisible(outputs)
        self.norms.setVisible(outputs)
        if outputs:
            self._show_norms(tensor)

    def _show_norms(self, tensor: TensorScene) -> None:
        each = tensor.outputs_each
        # A dead output has no bar to colour: its place is filled to a fifth instead.
        heights = tensor.norms.copy()
        top = float(np.nanmax(heights)) if np.isfinite(heights).any() else 0.0
        inks: list[Ink] = ["accent"] * heights.size
        for bar, mark in tensor.marked.items():
            inks[bar] = "critical" if mark == "dead" else "warning"
            heights[bar] = max(heights[bar], top * 0.2) if mark == "dead" else heights[bar]
        self.norms.set_bars(heights, inks=inks, say=partial(_norm_text, tensor), top=top)
        every = tr_many("largest norm of every {count} output", "largest norm of every {count} outputs", each).format(
            count=each
        )
        inked = [text for mark, (text, _of_one) in _MARKS.items() if mark in tensor.marked.values()]
        self.norms_said.setText(" · ".join([tr("norm of each output") if each == 1 else every, *inked]))

    def statistics(self) -> dict[str, str]:
        """The statistics as they are written, by their names."""
        return {**self._lines.texts(), **self._wide.texts()}


def _element_text(tensor: TensorScene, bar: int) -> str:
    return f"{bar}: {number_text(float(tensor.values[bar]))}"


def _norm_text(tensor: TensorScene, bar: int) -> str:
    each = tensor.outputs_each
    which = tr("output {first}") if each == 1 else tr("outputs {first} to {last}")
    text = f"{which.format(first=bar * each, last=bar * each + each - 1)}: {number_text(float(tensor.norms[bar]))}"
    return f"{text} · {_MARKS[tensor.marked[bar]][1]}" if bar in tensor.marked else text


def _without_bars(tensor: TensorScene) -> str:
    return tr("The tensor has no elements") if tensor.empty else tr("No finite element to count")
