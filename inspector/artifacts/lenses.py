"""Readable plain values from nodes: one small pure function for each class worth knowing, a general text for the rest.

No lens fails: what does not look as it should falls back to the text `module.Class(arguments)`.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple, TypeAlias

from inspector.artifacts.lens_numpy import bytes_of, scalar_of, type_of
from inspector.artifacts.lens_torch import attributes_of, class_of
from inspector.artifacts.nodes import (
    Buffer,
    Call,
    Dict,
    Extension,
    Global,
    LargeInteger,
    PersistentId,
    Set,
    Span,
    pairs_of,
)

TEXT_CHARACTERS = 4096
"""A longer text is cut, with its length said."""

SHOWN_ARGUMENTS = 8
SHOWN_DEPTH = 3
LARGEST_INTEGER = 2**63

Scalar = (str, int, float, bool, type(None))


class Plain(NamedTuple):
    """The node is a value: None, bool, int, float, str."""

    value: Any


class Sequence(NamedTuple):
    """The node is a list of others."""

    items: Any


class Mapping(NamedTuple):
    """The node is a dictionary, or an object seen as one; `class_name` is empty where it goes without saying."""

    pairs: list[tuple[Any, Any]]
    class_name: str = ""


Seen: TypeAlias = Plain | Sequence | Mapping


def clean(text: str) -> str:
    """The text with lone surrogates written out, so that it can be sent and stored as UTF-8."""
    if text.isascii():
        return text
    return text.encode("utf-8", "backslashreplace").decode()


def cut(text: str, limit: int = TEXT_CHARACTERS) -> str:
    """The text, clean, and at most `limit` characters of it."""
    return clean(text) if len(text) <= limit else f"{clean(text[:limit])}… ({len(text):,} characters)"


def scalar(value: Any) -> Any:
    """A plain scalar as it can be shown and written as JSON."""
    if type(value) is str:
        return cut(value)
    if type(value) is int and not -LARGEST_INTEGER <= value < 2 * LARGEST_INTEGER:
        return str(value) if value.bit_length() <= 1024 else f"integer of {value.bit_length():,} bits"
    return value


def seen(node: Any) -> Seen:
    """What a node is to a reader; tensors and arrays are looked for before."""
    kind = type(node)
    if kind in Scalar:
        return Plain(scalar(node))
    if kind is Dict:
        return Mapping(list(pairs_of(node.flat)))
    if kind is list or kind is tuple:
        return Sequence(node)
    if kind is Set:
        return Sequence(node.items)
    if kind is Call:
        return _seen_call(node)
    return Plain(text_of(node))


def _seen_call(node: Call) -> Seen:
    class_ = class_of(node.func)
    path = class_.path if class_ else ""
    lens = _LENSES.get(path)
    if lens is not None:
        try:
            found = lens(node)
        except (IndexError, TypeError, ValueError, AttributeError, KeyError, OverflowError):
            found = None
        if found is not None:
            return found
    number = scalar_of(node)
    if number is not None:
        return Plain(scalar(number[0]))
    if type_of(node) is not None:
        return Plain(f"numpy.dtype({type_of(node).name})")  # type: ignore[union-attr]  # checked above
    return _general(node, path)


def _general(node: Call, path: str) -> Seen:
    """An object of any class: its entries, items and attributes, or its text where it has none."""
    if path.startswith("omegaconf."):
        for key, value in attributes_of(node.states):
            if key in ("_content", "_val"):
                return seen(value)
    arguments = node.args
    if (
        path in ("copyreg._reconstructor", "copy_reg._reconstructor")
        and type(arguments) is tuple
        and len(arguments) > 2
    ):
        class_ = class_of(arguments[0])
        path, arguments = class_.path if class_ else path, (arguments[2],)
    elif path in ("copyreg.__newobj__", "copyreg.__newobj_ex__") and type(arguments) is tuple and arguments:
        class_ = class_of(arguments[0])
        path, arguments = class_.path if class_ else path, arguments[1:]
    pairs = list(pairs_of(node.pairs))
    pairs.extend(enumerate(node.items or ()))
    own = attributes_of(node.states)
    if pairs:
        keys = {key for key, _ in pairs if type(key) is str}
        own = [(key, value) for key, value in own if type(key) is not str or key not in keys]
    pairs.extend(own)
    if not own and node.states:
        pairs.extend(("state" if i == 0 else f"state{i}", state) for i, state in enumerate(node.states))
    pairs.extend(_deep_arguments(arguments, "args"))
    pairs.extend(_deep_arguments((node.kwargs,), "kwargs"))
    return Mapping(pairs, path) if pairs else Plain(text_of(node))


def _deep_arguments(arguments: Any, name: str) -> list[tuple[Any, Any]]:
    """Arguments that hold more than text can show."""
    if type(arguments) is not tuple:
        return [] if arguments is None or type(arguments) in Scalar else [(name, arguments)]
    deep = any(type(item) in (Dict, list, tuple, Call, Set) and item != () for item in arguments)
    return [(name, arguments if name == "args" else arguments[0])] if deep else []


def text_of(node: Any, depth: int = SHOWN_DEPTH) -> str:
    """A node as a short text; deep and long parts are cut."""
    kind = type(node)
    if kind is str:
        return repr(cut(node, 80))
    if kind in Scalar:
        return str(scalar(node))
    if kind is bytes:
        return f"{len(node):,} bytes"
    if kind is Span:
        shown = f"{clean(node.read(TEXT_CHARACTERS).decode('utf-8', 'replace'))}… (" if node.text else ""
        return f"{shown}{node.length:,} bytes{')' if shown else ''}"
    if kind is Global:
        return cut(node.path, 256)
    if kind is LargeInteger:
        return f"integer of about {node.bits:,} bits"
    if kind is Buffer:
        return "a buffer kept outside the file"
    if kind is Extension:
        return f"extension {node.code}"
    if depth <= 0:
        return "…"
    if kind is PersistentId:
        return f"reference {text_of(node.id, depth - 1)}"
    if kind is Call:
        class_ = class_of(node.func)
        name = cut(class_.path, 256) if class_ else text_of(node.func, depth - 1)
        return name if node.args is None else f"{name}({_listed(node.args, depth)})"
    if kind is Dict:
        return f"{{{len(node.flat) // 2} entries}}"
    items = node.items if kind is Set else node
    return f"[{_listed(items, depth)}]"


def _listed(items: Any, depth: int) -> str:
    if type(items) not in (tuple, list):
        return text_of(items, depth - 1)
    texts = [text_of(item, depth - 1) for item in items[:SHOWN_ARGUMENTS]]
    if len(items) > SHOWN_ARGUMENTS:
        texts.append(f"… {len(items) - SHOWN_ARGUMENTS:,} more")
    return ", ".join(texts)


def _mapping(node: Call) -> Seen:
    """A dict or its kin: entries given to the constructor, then those set later."""
    pairs: list[tuple[Any, Any]] = []
    for argument in node.args if type(node.args) is tuple else ():
        if type(argument) is Dict:
            pairs.extend(pairs_of(argument.flat))
        elif type(argument) is list:
            pairs.extend((item[0], item[1]) for item in argument if type(item) in (list, tuple) and len(item) == 2)
    pairs.extend(pairs_of(node.pairs))
    return Mapping(pairs)


def _sequence(node: Call) -> Seen | None:
    """A list, set, deque or their kin: items given to the constructor, then those appended."""
    items = node.args[0] if node.args else ()
    items = items.items if type(items) is Set else items
    if type(items) not in (list, tuple):
        return None
    return Sequence([*items, *(node.items or ())])


def _namespace(node: Call) -> Seen:
    return Mapping([*attributes_of(node.states), *pairs_of(node.kwargs.flat if type(node.kwargs) is Dict else None)])


def _strings(node: Call) -> list[str]:
    parts = [part for part in node.args if type(part) is str]
    if len(parts) != len(node.args):
        raise TypeError
    return parts


def _posix_path(node: Call) -> Seen:
    parts = _strings(node)
    root = "/" if parts and parts[0].startswith("/") else ""
    return Plain(cut(root + "/".join(part.strip("/") for part in parts if part.strip("/")) or "."))


def _windows_path(node: Call) -> Seen:
    return Plain(cut("\\".join(part.rstrip("\\") for part in _strings(node))))


def _argument_text(node: Call) -> Seen:
    """A value whose only argument says it all."""
    (argument,) = node.args
    return Plain(scalar(argument)) if type(argument) in Scalar else Plain(text_of(argument))


def _fraction(node: Call) -> Seen:
    return Plain("/".join(str(scalar(part)) for part in node.args))


def _short_call(name: str) -> Callable[[Call], Seen]:
    def lens(node: Call) -> Seen:
        return Plain(f"{name}({_listed(node.args, SHOWN_DEPTH)})")

    return lens


def _octets(node: Any, least: int) -> bytes:
    data = bytes_of(node)
    if type(data) is not bytes or len(data) < least:
        raise TypeError
    return data


def _clock(data: bytes) -> str:
    fraction = int.from_bytes(data[3:6], "big")
    return f"{data[0] & 0x7F:02}:{data[1]:02}:{data[2]:02}" + (f".{fraction:06}" if fraction else "")


def _calendar(data: bytes) -> str:
    return f"{int.from_bytes(data[:2], 'big'):04}-{data[2] & 0x7F:02}-{data[3]:02}"


def _datetime(node: Call) -> Seen:
    data = _octets(node.args[0], 10)
    return Plain(f"{_calendar(data)}T{_clock(data[4:])}{_zone(node.args)}")


def _zone(args: tuple[Any, ...]) -> str:
    if len(args) < 2 or type(args[1]) is not Call:
        return ""
    zone = args[1]
    if text_of(zone.func) == "datetime.timezone" and type(zone.args[0]) is Call:
        days, seconds = zone.args[0].args[:2]
        minutes = (days * 86400 + seconds) // 60
        return f"{'-' if minutes < 0 else '+'}{abs(minutes) // 60:02}:{abs(minutes) % 60:02}"
    return f" {text_of(zone, 1)}"


def _date(node: Call) -> Seen:
    return Plain(_calendar(_octets(node.args[0], 4)))


def _time(node: Call) -> Seen:
    return Plain(_clock(_octets(node.args[0], 6)))


def _timedelta(node: Call) -> Seen:
    days, seconds, microseconds = node.args
    return Plain(f"{days * 86400 + seconds + microseconds / 1e6:g} s")


def _attribute(node: Call) -> Seen | None:
    """How an enumeration's member is kept: getattr(Class, "MEMBER")."""
    owner, name = node.args
    if type(owner) is not Global or type(name) is not str:
        return None
    return Plain(cut(f"{owner.name.rpartition('.')[2]}.{name}"))


def _partial(node: Call) -> Seen:
    function, arguments, keywords = node.states[0][:3] if node.states else (node.args[0], (), None)
    given = [text_of(item, 2) for item in arguments]
    if type(keywords) is Dict:
        given.extend(f"{key}={text_of(value, 2)}" for key, value in pairs_of(keywords.flat) if type(key) is str)
    return Plain(cut(f"partial({', '.join([text_of(function), *given])})"))


def _pattern(node: Call) -> Seen:
    return Plain(cut(f"/{node.args[0]}/") if type(node.args[0]) is str else text_of(node))


def _device(node: Call) -> Seen:
    return Plain(cut(":".join(str(part) for part in node.args if type(part) in (str, int))))


def _octet_text(node: Call) -> Seen | None:
    data = bytes_of(node)
    return None if data is None else Plain(text_of(data))


def _identifier(node: Call) -> Seen | None:
    for key, value in attributes_of(node.states):
        if key == "int" and type(value) is int and 0 <= value < 1 << 128:
            digits = f"{value:032x}"
            return Plain("-".join((digits[:8], digits[8:12], digits[12:16], digits[16:20], digits[20:])))
    return None


def _lenses() -> dict[str, Callable[[Call], Seen | None]]:
    table: dict[str, Callable[[Call], Seen | None]] = {
        "collections.OrderedDict": _mapping, "collections.defaultdict": _mapping, "collections.Counter": _mapping,
        "collections.deque": _sequence, "torch.Size": _sequence,
        "argparse.Namespace": _namespace, "types.SimpleNamespace": _namespace,
        "datetime.datetime": _datetime, "datetime.date": _date, "datetime.time": _time,
        "datetime.timedelta": _timedelta, "decimal.Decimal": _argument_text, "fractions.Fraction": _fraction,
        "uuid.UUID": _identifier, "functools.partial": _partial, "re._compile": _pattern, "torch.device": _device,
        "torch.serialization._get_layout": _argument_text, "_codecs.encode": _octet_text,
    }  # fmt: skip
    for module in ("builtins", "__builtin__"):
        table |= {f"{module}.{name}": _sequence for name in ("list", "tuple", "set", "frozenset")}
        table |= {f"{module}.{name}": _octet_text for name in ("bytes", "bytearray")}
        table |= {f"{module}.{name}": _short_call(name) for name in ("complex", "range", "slice")}
        table[f"{module}.xrange"] = _short_call("range")
        table |= {f"{module}.dict": _mapping, f"{module}.getattr": _attribute}
    for kind in ("int", "double", "bool", "tensor"):
        table[f"torch.jit._pickle.build_{kind}list"] = _sequence
    for module in ("pathlib", "pathlib._local"):
        table |= {f"{module}.{name}": _posix_path for name in ("PosixPath", "PurePosixPath", "Path", "PurePath")}
        table |= {f"{module}.{name}": _windows_path for name in ("WindowsPath", "PureWindowsPath")}
    return table


_LENSES = _lenses()
