"""What a node is to a reader: a value, a list or a dictionary.

No lens fails: what does not look as it should falls back to the text `module.Class(arguments)`.
"""

from __future__ import annotations

from typing import Any

from inspector.artifacts.pickles.lens_numpy import scalar_of, type_of
from inspector.artifacts.pickles.lens_values import VALUE_LENSES, Mapping, Plain, Seen, Sequence
from inspector.artifacts.pickles.node_text import Scalar, scalar, text_of
from inspector.artifacts.pickles.nodes import (
    MAX_ATTRIBUTES,
    MAX_ENTRIES,
    Call,
    Dict,
    Global,
    Set,
    attributes_of,
    class_of,
    pairs_of,
)

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


def _made_directly(node: Call) -> Call:
    """The call of a class itself where a helper of copyreg stands between, as in protocols 0 and 1."""
    arguments = node.args
    if type(node.func) is not Global or type(arguments) is not tuple or not arguments:
        return node
    _, _, helper = node.func.path.rpartition(".")
    if node.func.module not in ("copyreg", "copy_reg") or class_of(arguments[0]) is None:
        return node
    if helper == "_reconstructor" and len(arguments) == 3:
        content = arguments[2]
        held = type(content) in (Dict, list)
        made = Call(arguments[0], () if held or content is None else (content,))
        made.pairs = [*content.flat, *(node.pairs or ())] if type(content) is Dict else node.pairs
        made.items = [*content, *(node.items or ())] if type(content) is list else node.items
    elif helper in ("__newobj__", "__newobj_ex__"):
        made = Call(arguments[0], arguments[1:], node.kwargs)
        made.pairs, made.items = node.pairs, node.items
    else:
        return node
    made.states = node.states
    return made


def _content_of(node: Any) -> Any:
    """What omegaconf wraps in a node of its own; the node itself where it is none."""
    if type(node) is Call and node.states:
        class_ = class_of(_made_directly(node).func)
        if class_ is not None and class_.module.partition(".")[0] == "omegaconf":
            for key, value in attributes_of(node.states):
                if type(key) is str and key in ("_content", "_val"):
                    return value
    return node


def _seen_call(node: Call) -> Seen:
    node = _made_directly(node)
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
    pairs.extend(_deep_arguments(node.args, "args"))
    pairs.extend(_deep_arguments((node.kwargs,), "kwargs"))
    return Mapping(pairs, path) if pairs else Plain(text_of(node))


def _deep_arguments(arguments: Any, name: str) -> list[tuple[Any, Any]]:
    """Arguments that hold more than text can show."""
    if type(arguments) is not tuple:
        return [] if arguments is None or type(arguments) in Scalar else [(name, arguments)]
    deep = any(type(item) in (Dict, list, tuple, Call, Set) and item != () for item in arguments)
    return [(name, arguments if name == "args" else arguments[0])] if deep else []
