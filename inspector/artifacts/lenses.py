"""What a node is to a reader: a value, a list or a dictionary.

No lens fails: what does not look as it should falls back to the text `module.Class(arguments)`.
"""

from __future__ import annotations

from typing import Any

from inspector.artifacts.lens_numpy import scalar_of, type_of
from inspector.artifacts.lens_torch import MAX_ATTRIBUTES, attributes_of, class_of
from inspector.artifacts.lens_values import VALUE_LENSES, Mapping, Plain, Seen, Sequence
from inspector.artifacts.node_text import Scalar, scalar, text_of
from inspector.artifacts.nodes import MAX_ENTRIES, Call, Dict, Set, pairs_of

MAX_WRAPPERS = 64
"""Nodes around a value before it is shown as it is."""


def seen(node: Any) -> Seen:
    """What a node is to a reader; tensors and arrays are looked for before."""
    for _ in range(MAX_WRAPPERS):
        content = _content_of(node)
        if content is node:
            break
        node = content
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


def _content_of(node: Any) -> Any:
    """What omegaconf wraps in a node of its own; the node itself where it is none."""
    if type(node) is Call and node.states:
        class_ = class_of(node.func)
        if class_ is not None and class_.module.partition(".")[0] == "omegaconf":
            for key, value in attributes_of(node.states):
                if type(key) is str and key in ("_content", "_val"):
                    return value
    return node


def _seen_call(node: Call) -> Seen:
    class_ = class_of(node.func)
    path = class_.path if class_ else ""
    lens = VALUE_LENSES.get(path)
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
    pairs.extend(enumerate((node.items or ())[:MAX_ENTRIES]))
    own = attributes_of(node.states)
    if pairs:
        keys = {key for key, _ in pairs if type(key) is str}
        own = [(key, value) for key, value in own if type(key) is not str or key not in keys]
    pairs.extend(own)
    if not own and node.states:
        pairs.extend(
            ("state" if i == 0 else f"state{i}", state) for i, state in enumerate(node.states[:MAX_ATTRIBUTES])
        )
    pairs.extend(_deep_arguments(arguments, "args"))
    pairs.extend(_deep_arguments((node.kwargs,), "kwargs"))
    return Mapping(pairs, path) if pairs else Plain(text_of(node))


def _deep_arguments(arguments: Any, name: str) -> list[tuple[Any, Any]]:
    """Arguments that hold more than text can show."""
    if type(arguments) is not tuple:
        return [] if arguments is None or type(arguments) in Scalar else [(name, arguments)]
    deep = any(type(item) in (Dict, list, tuple, Call, Set) and item != () for item in arguments)
    return [(name, arguments if name == "args" else arguments[0])] if deep else []
