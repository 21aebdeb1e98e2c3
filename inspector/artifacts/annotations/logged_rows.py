"""Images that W&B logged with words or numbers, as records: rows of its tables, and pictures with captions.

Source: wandb/sdk/data_types (`Table`: `columns` and `data`; `Image`: `_type` `image-file`, `path` below the run's
`files`, `caption`, `width`, `height`; several images of one step: `images/separated`, `filenames`, `captions`).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from inspector.artifacts.annotations.caption_words import told
from inspector.artifacts.annotations.record_fields import FILE

_IMAGE = "image-file"
_LEFT_OUT = "Image"
"""What stands in the table of a run's own files where a cell held an image, which lies in an artifact elsewhere."""
CAPTION, CLASS = "caption", "class"


def is_table(document: Any) -> bool:
    """Whether a parsed document, or its beginning, is a table of W&B."""
    return (
        isinstance(document, dict)
        and isinstance(document.get("data"), list)
        and isinstance(document.get("columns"), list)
        and all(isinstance(row, list) for row in document["data"][:1])
    )


def records_of_table(document: dict[str, Any]) -> list[dict[str, Any]]:
    """The rows of a table by the names of its columns; what an image cell tells stands beside them."""
    columns = [str(column) for column in document["columns"]]
    rows = (dict(zip(columns, row, strict=False)) for row in document["data"] if isinstance(row, list))
    return [_with_image({name: cell for name, cell in row.items() if cell != _LEFT_OUT}) for row in rows]


def _with_image(row: dict[str, Any]) -> dict[str, Any]:
    column = next((name for name, cell in row.items() if isinstance(cell, dict) and cell.get("_type") == _IMAGE), None)
    if column is None:
        return _with_words(row)
    others = {name: cell for name, cell in row.items() if name != column}
    return _with_words({**_record_of(row[column]), **others})


def _record_of(image: dict[str, Any]) -> dict[str, Any]:
    return {
        FILE: image.get("path"),
        "height": image.get("height"),
        "width": image.get("width"),
        CAPTION: image.get("caption"),
    }


def _with_words(row: dict[str, Any]) -> dict[str, Any]:
    """A row with the points that one of its texts tells, where it tells any."""
    for cell in row.values():
        if isinstance(cell, str) and (found := told(cell)):
            return {**found, **row}
    return row


def records_of_images(value: dict[str, Any]) -> list[dict[str, Any]]:
    """The images that one value of the history logs, one or several, each with its caption."""
    if value.get("_type") == _IMAGE:
        images = [_record_of(value)]
    else:
        files, captions = _list(value.get("filenames")), _list(value.get("captions"))
        size = {"height": value.get("height"), "width": value.get("width")}
        images = [
            {FILE: file, CAPTION: captions[place] if place < len(captions) else None, **size}
            for place, file in enumerate(files)
        ]
    return [_with_words(_with_class(image)) for image in images]


def _with_class(image: dict[str, Any]) -> dict[str, Any]:
    """An image with what its caption begins with, which names what is counted."""
    first, bar, _rest = str(image[CAPTION] or "").partition("|")
    return {**image, CLASS: first.strip()} if bar else image


def _list(value: Any) -> Sequence[Any]:
    return value if isinstance(value, list) else ()
