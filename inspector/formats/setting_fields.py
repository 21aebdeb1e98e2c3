"""What a setting is, as a recipe marks it and as a form shows it.

A recipe's settings are nested msgspec structs. Each field is
`Annotated[type, setting(title=..., unit=..., applies=..., ge=..., le=...)]`.
"""

from __future__ import annotations

import types
import typing
from collections.abc import Iterable
from functools import lru_cache
from typing import Any, Literal, get_args, get_origin

import msgspec

PATH_FORMAT = "path"
"""What JSON Schema's `format` says of a setting that names a file or folder."""

Applies = Literal["live", "resume", "restart"]
"""When an edit takes effect: while training, from the next start, or only in a new run (tensor shapes change)."""

Change = Literal["optimizer", "order", "loss", "function", "initial"]
"""What an edit on resume changes beside its own effect: the optimizer's kind, so that its state starts afresh; the
order of samples; the loss, whose values before and after cannot be compared; what the weights compute; nothing, as it
says what weights start from."""


def setting(  # noqa: PLR0913 - facts of one setting, each by its name
    *,
    title: str,
    description: str = "",
    unit: str = "",
    applies: Applies = "resume",
    changes: tuple[Change, ...] = (),
    is_path: bool = False,
    ge: float | None = None,
    gt: float | None = None,
    le: float | None = None,
) -> msgspec.Meta:
    """The annotation of one settings field."""
    bounds: dict[str, Any] = {"ge": ge, "gt": gt, "le": le}
    meta: msgspec.Meta = msgspec.Meta(
        title=title,
        description=description or None,
        extra_json_schema={
            "unit": unit,
            "applies": applies,
            **({"changes": changes} if changes else {}),
            **({"format": PATH_FORMAT} if is_path else {}),
        },
        **bounds,
    )
    return meta


class Field(msgspec.Struct, frozen=True, kw_only=True):
    """One setting as a form shows it.

    Attributes:
        path: dotted, `optim.lr`.
        kind: what its text must parse as.
        is_path: a text that names a file or folder, as seen from where it is typed.
        choices: the allowed values of a choice, else empty.
        minimum, maximum: inclusive bounds, None where open.
        above: the minimum itself is not allowed.
        optional: whether "off" (None) is allowed.
    """

    path: str
    title: str
    kind: Literal["number", "integer", "boolean", "choice", "text", "list"]
    default: Any = None
    description: str = ""
    unit: str = ""
    applies: Applies = "resume"
    changes: tuple[Change, ...] = ()
    is_path: bool = False
    choices: tuple[str, ...] = ()
    minimum: float | None = None
    maximum: float | None = None
    above: bool = False
    optional: bool = False


def fields_of(settings_type: type[msgspec.Struct]) -> tuple[Field, ...]:
    """Every setting of a recipe in the order it is declared."""
    return _fields(settings_type, "")


@lru_cache(maxsize=256)
def _fields(settings_type: Any, prefix: str) -> tuple[Field, ...]:
    found: list[Field] = []
    hints = typing.get_type_hints(settings_type, include_extras=True)
    for info in msgspec.structs.fields(settings_type):
        path = f"{prefix}{info.name}"
        kind, meta, optional = _unwrapped(hints[info.name])
        if isinstance(kind, type) and issubclass(kind, msgspec.Struct):
            found.extend(_with_defaults(_fields(kind, f"{path}."), path, info.default))
            continue
        default = info.default if info.default is not msgspec.NODEFAULT else None
        found.append(_field(path, kind, meta, default, optional=optional))
    return tuple(found)


def _with_defaults(fields: tuple[Field, ...], path: str, section: Any) -> Iterable[Field]:
    """The fields of a section with the defaults that a recipe gives it, where it does not keep those of its type."""
    for field in fields:
        value = section
        for name in field.path.removeprefix(f"{path}.").split("."):
            value = getattr(value, name, field.default)
        value = plain(value)
        yield field if value == field.default else msgspec.structs.replace(field, default=value)


def _unwrapped(hint: Any) -> tuple[Any, msgspec.Meta | None, bool]:
    """The bare type of a hint, its annotation, and whether None is allowed."""
    meta: msgspec.Meta | None = None
    optional = False
    while True:
        if get_origin(hint) is typing.Annotated:
            hint, *extras = get_args(hint)
            meta = next((extra for extra in extras if isinstance(extra, msgspec.Meta)), meta)
        elif get_origin(hint) in (typing.Union, types.UnionType):
            rest = [argument for argument in get_args(hint) if argument is not type(None)]
            optional = len(rest) < len(get_args(hint))
            hint = rest[0]
        else:
            return hint, meta, optional


_KINDS: dict[Any, str] = {float: "number", int: "integer", bool: "boolean", str: "text"}


def _field(path: str, kind: Any, meta: msgspec.Meta | None, default: Any, *, optional: bool) -> Field:
    choices = tuple(str(choice) for choice in get_args(kind)) if get_origin(kind) is Literal else ()
    extra = (meta.extra_json_schema or {}) if meta else {}
    return Field(
        path=path,
        title=(meta.title if meta else None) or path,
        kind=typing.cast("Any", "choice" if choices else _KINDS.get(kind, "list")),
        default=plain(default),
        description=(meta.description if meta else None) or "",
        unit=extra.get("unit", ""),
        applies=extra.get("applies", "resume"),
        changes=tuple(extra.get("changes", ())),
        is_path=extra.get("format") == PATH_FORMAT,
        choices=choices,
        minimum=meta.ge if meta and meta.ge is not None else (meta.gt if meta else None),
        maximum=meta.le if meta else None,
        above=bool(meta and meta.ge is None and meta.gt is not None),
        optional=optional,
    )


def plain(value: Any) -> Any:
    """A tuple as the list that JSON makes of it."""
    return list(value) if isinstance(value, tuple) else value
