"""The thumbnails of a gallery by their sample, and the tiles that were painted of them."""

from __future__ import annotations

from PySide6.QtCore import QRect
from PySide6.QtGui import QPainter, QPixmap

from inspector.display.gallery.scene import ThumbsScene
from inspector.formats.marks import Mark
from inspector.views.gallery.texts import Caption
from inspector.views.gallery.tiles import Kept, PaintPoints, Picture, painted, pictures_of
from inspector.views.theme import colour, tokens


class SampleTiles:
    """Paints tiles, each made once for what it shows.

    Args:
        paint_points: paints the points of a sample over its thumbnail.

    Attributes:
        paint_points: as it is now.
    """

    def __init__(self, paint_points: PaintPoints | None) -> None:
        self.paint_points = paint_points
        self._look = ""
        self._pictures: Kept[Picture] = Kept()
        self._tiles: Kept[tuple[tuple[object, ...], QPixmap]] = Kept()

    def __contains__(self, sample: int) -> bool:
        return sample in self._pictures

    def __len__(self) -> int:
        return len(self._pictures)

    def take(self, scene: ThumbsScene) -> None:
        """Take thumbnails; those of another look take the place of all."""
        if scene.look != self._look:
            self.forget()
            self._look = scene.look
        for sample, picture in pictures_of(scene).items():
            self._pictures.put(sample, picture, picture.pixels.nbytes + picture.points.nbytes)
            self._tiles.drop(sample)

    def forget(self) -> None:
        """Forget all thumbnails."""
        self._pictures.clear()
        self._tiles.clear()

    def set_paint_points(self, paint: PaintPoints) -> None:
        """Paint the points of samples otherwise."""
        self.paint_points = paint
        self._tiles.clear()

    def problem_of(self, sample: int) -> str:
        """Why a thumbnail is not there, empty where it is or has not been asked for."""
        picture = self._pictures.get(sample)
        return picture.problem if picture else ""

    def paint(
        self, painter: QPainter, sample: int, area: QRect, caption: Caption, mark: Mark, scale: float, *, make: bool
    ) -> bool:
        """Paint a tile, or only its place where it is not made yet and shall not be now; whether it was painted."""
        picture = self._pictures.get(sample)
        made_of = (caption, mark, area.size(), scale, tokens().panel)
        known = self._tiles.get(sample)
        ready = known is not None and known[0] == made_of
        if picture is not None and not ready and make:
            tile = painted(picture, area.size(), scale, caption, mark, self.paint_points)
            known = made_of, tile
            self._tiles.put(sample, known, tile.width() * tile.height() * 4)
        if known is None:
            painter.fillRect(area, colour(tokens().panel))
        else:
            painter.drawPixmap(area.topLeft(), known[1])
        return ready or make
