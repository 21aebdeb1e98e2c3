"""The page of tensors: the tree of a checkpoint, and beside it the cards of what is chosen there."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QSplitter, QVBoxLayout, QWidget

from inspector.core.language import tr
from inspector.display.weights.scene import NodeKind, Section, WeightsScene
from inspector.display.weights.tensor.scene import TensorScene
from inspector.views.surfaces import Card, scrolled
from inspector.views.weights.card import TensorCard
from inspector.views.weights.section import SectionCard
from inspector.views.weights.tree import TensorTree

_TREE_PX, _LEAST_TREE_PX = 290, 150
_CARD_PX = 352
"""What a tensor's card needs beside the tree, with the margins and a scroll bar."""


class TensorsPage(QSplitter):
    """The tree and the cards."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(Qt.Orientation.Horizontal, parent)
        self.tree = TensorTree()
        self.card = TensorCard()
        self.section = SectionCard()
        self._sections: tuple[Section, ...] = ()
        side = Card()
        side.column.setContentsMargins(6, 8, 6, 8)
        side.column.addWidget(self.tree, 1)
        side.setMinimumWidth(_LEAST_TREE_PX)
        sheet = QWidget()
        self._cards = QVBoxLayout(sheet)
        self._cards.setContentsMargins(12, 0, 0, 0)
        self._cards.setSpacing(12)
        for card in (self.section, self.card):
            self._cards.addWidget(card)
        self._cards.addStretch(1)
        self.section.hide()
        right = scrolled(sheet, tr("The chosen tensor"))
        right.setMinimumWidth(200)
        self.setHandleWidth(1)
        self.setChildrenCollapsible(False)
        self.addWidget(side)
        self.addWidget(right)
        self.setStretchFactor(0, 0)
        self.setStretchFactor(1, 1)
        self.setSizes([_TREE_PX, 10_000])

    def add_below(self, cards: QWidget) -> None:
        """Put cards below that of the tensor."""
        self._cards.insertWidget(self._cards.indexOf(self.card) + 1, cards)

    def share_out(self, width_px: int, *, wide: bool) -> None:
        """Share a width between the tree and the cards; where it is not wide, the cards have what they need first."""
        tree_px = _TREE_PX if wide else max(_LEAST_TREE_PX, width_px - _CARD_PX)
        self.setSizes([tree_px, max(width_px - tree_px, 1)])

    def show_tree(self, scene: WeightsScene) -> None:
        """Show what is in a checkpoint."""
        self._sections = scene.sections
        self.tree.set_tree(scene.tree, scene.sections)

    def show_chosen(self, path: str, tensor: TensorScene | None) -> None:
        """Show the section of a path, else the tensor that was prepared."""
        section = self._section_of(path)
        self.section.setVisible(section is not None)
        self.card.setVisible(section is None and tensor is not None and bool(tensor.facts))
        if section is not None:
            self.section.show_section(section)
            self.tree.set_chosen(section.path)
        elif tensor is not None and tensor.facts:
            self.card.show_tensor(tensor, self._label_of(tensor.name))
            self.tree.set_chosen(tensor.name)

    def beside(self, name: str | None, by: int) -> str | None:
        """The tensor so many places after one, the first where that is none; None where the list ends."""
        tree = self.tree.rows().tree
        if tree is None:
            return None
        tensors = [row for row, kind in enumerate(tree.kinds.tolist()) if kind == NodeKind.TENSOR]
        names = [tree.paths[row] for row in tensors]
        place = names.index(name) + by if name in names else 0
        return names[place] if 0 <= place < len(names) else None

    def known(self, path: str) -> str:
        """A module's path as the tree has it: with what all weights hang below, where it was left out."""
        tree = self.tree.rows().tree
        if tree is None or path in tree.paths:
            return path
        return next((known for known in tree.paths if known.endswith(f".{path}")), path)

    def _section_of(self, path: str) -> Section | None:
        """The section of a path; one that belongs to a tensor is that tensor's."""
        model = self.tree.rows()
        index = model.index_of(path)
        if not index.isValid() or model.kind(model.number(index)) is not NodeKind.SECTION:
            return None
        return next((section for section in self._sections if section.path == path), None)

    def _label_of(self, name: str) -> str:
        """A tensor's name as the tree says it, without the path that all weights hang below."""
        model = self.tree.rows()
        index = model.index_of(name)
        labels: list[str] = []
        while index.isValid():
            labels.append(str(model.data(index)))
            index = model.parent(index)
        return ".".join(reversed(labels)) or name
