"""Hooks on the modules of someone's model: which they are, how their values are called, and copies of those values."""

from __future__ import annotations

import inspect
import re
import threading
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn
from torch.utils.hooks import RemovableHandle

from inspector.core.arrays import AnyArray
from inspector.core.errors import UsageError

Pick = Callable[[Any], Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Tap:
    """How a value is taken and told of.

    Attributes:
        pick: gives the tensor out of what the module returned; without it that is the tensor itself, or the first one
            of a tuple or list.
        layout: one letter a dimension, the first `N`; empty for the usual one of the module and the shape.
        name: in the dump, instead of the module's.
        attributes: written with it, as `activation`, `grid_hw`, `heads`, `special_tokens`.
    """

    pick: Pick | None = None
    layout: str = ""
    name: str = ""
    attributes: Mapping[str, Any] = field(default_factory=dict)


Taps = Iterable[str] | Mapping[str, Tap | Pick]
"""Patterns of module names, or what is to be taken of each: a `Tap`, or just what picks the tensor."""

_WRAPPED = {
    "DataParallel": "module",
    "DistributedDataParallel": "module",
    "OptimizedModule": "_orig_mod",
    "FullyShardedDataParallel": "_fsdp_wrapped_module",
    "CheckpointWrapper": "_checkpoint_wrapped_module",
}
"""Modules that stand for another one, and where they keep it."""

_FLOATS = (torch.float16, torch.float32, torch.float64)
"""Floats that numpy has too; others are widened to float32."""


def named_modules(model: nn.Module) -> dict[str, nn.Module]:
    """Every module by the name that it has in the user's own code, without those that only wrap another."""
    found: dict[str, nn.Module] = {}
    seen: set[nn.Module] = set()

    def walk(name: str, module: nn.Module) -> None:
        while (inner := getattr(module, _WRAPPED.get(type(module).__name__, ""), None)) is not None:
            module = inner
        if module in seen:
            return
        seen.add(module)
        found[name] = module
        for child_name, child in module.named_children():
            walk(f"{name}.{child_name}" if name else child_name, child)

    walk("", model)
    return found


def is_compiled(model: nn.Module) -> bool:
    """Whether any part of it is compiled, which then knows nothing of hooks that come later."""
    return any(type(module).__name__ == "OptimizedModule" for module in model.modules())


def chosen(model: nn.Module, taps: Taps) -> dict[str, Tap]:
    """The tap of every module whose name matches a pattern, the first that does, in the order of the model.

    In a pattern `*` stands for a part of a name between dots, `**` for any number of parts; the empty one is the model.

    Raises:
        UsageError: a pattern matches no module.
    """
    if isinstance(taps, Mapping):
        wanted = {pattern: _tap(tap) for pattern, tap in taps.items()}
    else:
        wanted = dict.fromkeys([taps] if isinstance(taps, str) else taps, Tap())
    names = [name for name in named_modules(model) if name or name in wanted]
    expressions = {pattern: _expression(pattern) for pattern in wanted}
    for pattern, expression in expressions.items():
        if not any(expression.fullmatch(name) for name in names):
            shown = ", ".join(name for name in names if name)
            raise UsageError(f"no module is called {pattern}; there are {shown[:500] or 'none with a name'}")
    found = {}
    for name in names:
        pattern = next((one for one, expression in expressions.items() if expression.fullmatch(name)), None)
        if pattern is not None:
            found[name] = wanted[pattern]
    return found


def _tap(tap: Tap | Pick) -> Tap:
    return tap if isinstance(tap, Tap) else Tap(pick=tap)


def _expression(pattern: str) -> re.Pattern[str]:
    parts = re.split(r"(\*\*|\*)", pattern)
    return re.compile("".join({"**": ".+", "*": r"[^.]*"}.get(part) or re.escape(part) for part in parts))


class Copied:
    """A tensor on its way to the computer's memory: what made it may change it right after."""

    def __init__(self, tensor: Tensor) -> None:
        tensor = tensor.detach()
        self._arrived: torch.cuda.Event | None = None
        if tensor.is_cuda:
            self._tensor = torch.empty(tensor.shape, dtype=tensor.dtype, pin_memory=True)
            self._tensor.copy_(tensor, non_blocking=True)
            self._arrived = torch.cuda.current_stream(tensor.device).record_event()
        else:
            self._tensor = tensor.to("cpu", copy=True)

    def __len__(self) -> int:
        return len(self._tensor)

    def array(self) -> AnyArray:
        """Its values in its shape, waited for; bfloat16 and 8-bit floats as float32, which holds each of them."""
        if self._arrived is not None:
            self._arrived.synchronize()
        widened = self._tensor.is_floating_point() and self._tensor.dtype not in _FLOATS
        # Convolutions on a CPU leave channels last in memory, which is slow to count and to pack by channel.
        values: AnyArray = (self._tensor.float() if widened else self._tensor).contiguous().numpy()
        return values


class Catch:
    """What the hooks caught since it was last emptied: by name and device, a tensor for each call."""

    def __init__(self) -> None:
        self._caught: dict[str, dict[int, list[Copied]]] = {}
        self.refused: dict[str, str] = {}

    def __bool__(self) -> bool:
        return bool(self._caught)

    def put(self, name: str, value: Any) -> None:
        """Keep a copy of a tensor; what is none is noted."""
        if not isinstance(value, Tensor) or not value.is_floating_point() or value.layout != torch.strided:
            found = f"{value.dtype} {value.layout}" if isinstance(value, Tensor) else type(value).__name__
            self.refused[name] = f"{name} gave {found} and no tensor of floats"
            return
        if value.ndim < 1:
            self.refused[name] = f"{name} gave a single number and none a sample"
            return
        # The copies of a model on several devices are called from threads, each with its share of the samples.
        device = value.device.index or 0
        self._caught.setdefault(name, {}).setdefault(device, []).append(Copied(value))

    def take(self) -> dict[str, list[list[Copied]]]:
        """All that was caught: by name, for each device in order its calls; it is then empty."""
        caught, self._caught = self._caught, {}
        return {name: [calls for _device, calls in sorted(devices.items())] for name, devices in caught.items()}


def rows_of(devices: list[list[Copied]]) -> int:
    """How many samples were caught."""
    return sum(len(calls[-1]) for calls in devices)


def last_call(devices: list[list[Copied]]) -> AnyArray:
    """The values of the last call, (samples, ...)."""
    return np.concatenate([calls[-1].array() for calls in devices])


def every_call(devices: list[list[Copied]]) -> AnyArray:
    """The values of all calls, (samples, calls, ...)."""
    return np.concatenate([np.stack([call.array() for call in calls], axis=1) for calls in devices])


def tap_layer(module: nn.Module, name: str, tap: Tap, catch: Catch) -> list[RemovableHandle]:
    """Catch what a module returns."""

    def look(_module: nn.Module, _inputs: Any, output: Any) -> None:
        catch.put(name, _picked(tap, output))

    return [module.register_forward_hook(look)]


def tap_attention(module: nn.Module, name: str, tap: Tap, catch: Catch) -> list[RemovableHandle]:
    """Catch the attention that a module returns; a `MultiheadAttention` is asked for it, head by head.

    Raises:
        UsageError: nothing says which of the module's values it is.
    """
    if tap.pick is not None:
        return tap_layer(module, name, tap, catch)
    if not isinstance(module, nn.MultiheadAttention):
        kind = type(module).__name__
        raise UsageError(f"{name} is a {kind}; say which of its values is the attention: {{{name!r}: lambda out: ...}}")
    signature = inspect.signature(module.forward)
    asked: dict[int, tuple[bool, bool]] = {}

    def ask(
        _module: nn.Module, args: tuple[Any, ...], kwargs: dict[str, Any]
    ) -> tuple[tuple[Any, ...], dict[str, Any]]:
        bound = signature.bind(*args, **kwargs)
        bound.apply_defaults()
        values = bound.arguments
        asked[threading.get_ident()] = (values["need_weights"], values["average_attn_weights"])
        values["need_weights"], values["average_attn_weights"] = True, False
        return bound.args, bound.kwargs

    def look(_module: nn.Module, _inputs: Any, output: tuple[Tensor, Tensor]) -> tuple[Tensor, Tensor | None]:
        result, weights = output
        catch.put(name, weights if weights.ndim == 4 else weights.unsqueeze(0))
        wanted, averaged = asked.pop(threading.get_ident())
        given = weights.mean(dim=-3) if averaged else weights
        return result, given if wanted else None

    return [
        module.register_forward_pre_hook(ask, with_kwargs=True),
        module.register_forward_hook(look),
    ]


def _picked(tap: Tap, output: Any) -> Any:
    if tap.pick is not None:
        return tap.pick(output)
    return output[0] if isinstance(output, tuple | list) and output else output
