"""YAML as plain values, event by event: no tag is resolved, no class is made, no alias is copied.

The parser's events are read instead of its nodes, so a deep or self-repeating document cannot recurse or grow.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import yaml

from inspector.core.notes import Notes
from inspector.core.pulse import Pulse

_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_SCALARS: Any = yaml.SafeLoader("")
_ORDERED = "collections.OrderedDict"
_PLAIN_TAGS = frozenset(
    f"tag:yaml.org,2002:{kind}" for kind in ("str", "int", "float", "bool", "null", "map", "seq", "timestamp")
)
_SIGNS = frozenset(("tag:yaml.org,2002:merge", "tag:yaml.org,2002:value"))
"""Tags of `<<` and `=`, which stand for themselves."""


class YamlLimitError(ValueError):
    """The document nests deeper, or has more nodes, than is read."""


def yaml_documents(text: str, *, max_depth: int, max_nodes: int, notes: Notes, pulse: Pulse) -> list[Any]:
    """Every document of a YAML text as dicts, lists and scalars; an alias is the same object as its anchor.

    Args:
        text: the YAML text.
        max_depth: how deep a document may nest.
        max_nodes: how many nodes the text may have.
        notes: is told which tags were not resolved.
        pulse: beats every few hundred nodes.

    Raises:
        yaml.YAMLError: the text is no YAML.
        YamlLimitError: a limit is passed.
    """
    documents: list[Any] = []
    merged = _Budget(max_nodes)
    stack: list[_Open] = []
    anchors: dict[str, Any] = {}
    for event in _counted(text, max_nodes, pulse):
        if isinstance(event, yaml.DocumentStartEvent):
            anchors = {}
        elif isinstance(event, yaml.AliasEvent):
            _place(anchors.get(event.anchor or ""), stack, documents)
        elif isinstance(event, yaml.ScalarEvent):
            value = _scalar(event, notes)
            if event.anchor:
                anchors[event.anchor] = value
            _place(value, stack, documents)
        elif isinstance(event, yaml.MappingStartEvent | yaml.SequenceStartEvent):
            if len(stack) >= max_depth:
                raise YamlLimitError(f"more than {max_depth} levels")
            opened = _Open(event, notes, merged)
            if event.anchor:
                anchors[event.anchor] = opened.value
            stack.append(opened)
        elif isinstance(event, yaml.MappingEndEvent | yaml.SequenceEndEvent):
            _place(stack.pop().closed(), stack, documents)
    return documents


def _counted(text: str, max_nodes: int, pulse: Pulse) -> Iterator[yaml.Event]:
    for count, event in enumerate(yaml.parse(text, Loader=_LOADER)):
        if count % 500 == 0:
            pulse.beat(what="Reading YAML")
        if count > 2 * max_nodes:
            raise YamlLimitError(f"more than {max_nodes:,} values")
        yield event


class _Budget:
    """How many values may still be copied by merges."""

    __slots__ = ("_left", "_whole")

    def __init__(self, values: int) -> None:
        self._left = self._whole = values

    def spend(self, values: int) -> None:
        """Take from it."""
        self._left -= values
        if self._left < 0:
            raise YamlLimitError(f"merges of more than {self._whole:,} values")


class _Open:
    """A mapping or a sequence whose end has not come yet."""

    __slots__ = ("key", "merged", "ordered", "value", "waiting")

    def __init__(self, event: yaml.MappingStartEvent | yaml.SequenceStartEvent, notes: Notes, merged: _Budget) -> None:
        self.merged = merged
        self.value: dict[str, Any] | list[Any] = {} if isinstance(event, yaml.MappingStartEvent) else []
        self.key: str = ""
        self.waiting = False
        tag = str(event.tag or "")
        self.ordered = tag.endswith(_ORDERED)
        if tag and tag not in _PLAIN_TAGS and not self.ordered:
            notes.add(f"the tag {tag} was not resolved, what it holds is shown as it stands")

    def add(self, value: Any) -> None:
        """Take the next item, key or value."""
        if isinstance(self.value, list):
            self.value.append(value)
        elif not self.waiting:
            self.key, self.waiting = _key(value), True
        else:
            self.waiting = False
            if self.key == "<<" and isinstance(value, dict | list):
                self._merge(self.value, value)
            else:
                self.value[self.key] = value

    def _merge(self, into: dict[str, Any], value: dict[str, Any] | list[Any]) -> None:
        """YAML's `<<`: what is not there yet is taken from the mappings named."""
        for source in value if isinstance(value, list) else [value]:
            if isinstance(source, dict) and source is not into:
                self.merged.spend(len(source))
                for name, item in source.items():
                    into.setdefault(name, item)

    def closed(self) -> Any:
        """The whole value; Python's OrderedDict, which YAML writes as a list of pairs, as a mapping."""
        value = self.value
        if self.ordered and isinstance(value, list) and len(value) == 1 and isinstance(value[0], list):
            pairs = [pair for pair in value[0] if isinstance(pair, list) and len(pair) == 2]
            if len(pairs) == len(value[0]):
                return {_key(name): item for name, item in pairs}
        return value


def _place(value: Any, stack: list[_Open], documents: list[Any]) -> None:
    if stack:
        stack[-1].add(value)
    else:
        documents.append(value)


def _key(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return "null" if value is None else str(value) if not isinstance(value, dict | list) else "(a nested key)"


def _scalar(event: yaml.ScalarEvent, notes: Notes) -> Any:
    tag = event.tag
    if tag is None or tag == "!":
        tag = _SCALARS.resolve(yaml.ScalarNode, event.value, event.implicit)
    if tag in _SIGNS:
        return event.value
    if tag not in _PLAIN_TAGS:
        notes.add(f"the tag {tag} was not resolved, what it holds is shown as it stands")
        return event.value
    try:
        return _SCALARS.yaml_constructors[tag](_SCALARS, yaml.ScalarNode(tag, event.value))
    except (ValueError, yaml.YAMLError):  # an integer of 5,000 digits, a 13th month
        return event.value
