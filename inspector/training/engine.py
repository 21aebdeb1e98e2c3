"""Where and how steps are worked out: device, precision, processes. All that is of Lightning Fabric stands here."""

from __future__ import annotations

import dataclasses
import logging
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, nullcontext
from typing import Any, TypeVar

import msgspec
import numpy as np
import torch
from lightning_fabric import Fabric
from lightning_fabric.plugins import MixedPrecision
from lightning_fabric.strategies.ddp import DDPStrategy
from torch import Tensor, nn

from inspector.core.arrays import IntArray
from inspector.formats.recipes.training import Train
from inspector.training import devices

T = TypeVar("T")

for _chatty in ("lightning_fabric", "lightning_utilities"):
    logging.getLogger(_chatty).setLevel(logging.WARNING)


class Part(msgspec.Struct, frozen=True):
    """What goes through the model at once: a part of this process's share of a batch.

    Attributes:
        indices: (n,) int64, at least one.
        share: of the samples of the whole batch.
        factor: on its mean loss, so that the gradients of all parts and processes add up to that of the whole batch.
        last: the gradients of all processes meet after it.
    """

    indices: IntArray
    share: float
    factor: float
    last: bool


class Engine:
    """One device of one process, and how it works with those of the others.

    Args:
        device: of this process.
        train: precision, and whether to compile.

    Attributes:
        on_cpu: whether the device is the CPU.
        rank: of this process, 0 for the one that writes.
        processes: how many train together, started by torchrun.
    """

    def __init__(self, device: torch.device, train: Train) -> None:
        self.device, self.on_cpu = device, device.type == "cpu"
        self._compile = train.compile
        mixed = None if train.precision == "32" else MixedPrecision(train.precision, device.type)
        self._scaler: torch.amp.GradScaler | None = mixed.scaler if mixed else None
        self._mixed = mixed is not None
        launched = devices.launch()
        several = launched.processes > 1
        self._fabric = Fabric(
            accelerator=device.type,
            devices=launched.here if several else [device.index or 0] if device.type == "cuda" else 1,
            num_nodes=launched.processes // launched.here,
            # A recipe may leave a module out of a step.
            strategy=DDPStrategy(find_unused_parameters=True) if several else "auto",
            plugins=[mixed] if mixed else None,
        )
        self._fabric.launch()
        self.rank = self._fabric.global_rank
        self.processes = self._fabric.world_size
        self._wrapped: nn.Module | None = None

    def wrapped(self, model: nn.Module) -> nn.Module:
        """The model as it is to be called while training; its weights and their names stay those of `model`."""
        self._wrapped = wrapped = self._fabric.strategy.setup_module(model)
        if self._compile:
            wrapped = torch.compile(wrapped)  # type: ignore[assignment]  # a module comes out as one
        return _InPrecision(wrapped, self._fabric) if self._mixed else wrapped

    def parts(self, batch: IntArray, count: int) -> Iterator[Part]:
        """This process's share of a batch, (n,) int64 indices of all processes, in at most so many parts."""
        if count == 1 and self.processes == 1:
            yield Part(batch, 1.0, 1.0, last=True)
            return
        share = batch[self.rank :: self.processes]
        # A process without a sample of its own goes along with one that does not count.
        chunks = np.array_split(share, min(count, len(share))) if len(share) else [batch[:1]]
        for number, indices in enumerate(chunks):
            weight = len(indices) / len(batch) if len(share) else 0.0
            yield Part(indices, weight, weight * self.processes, last=number == len(chunks) - 1)

    def alone(self, part: Part) -> AbstractContextManager[Any]:
        """A context in which gradients stay in this process, unless the part is the last."""
        if part.last or self.processes == 1 or self._wrapped is None:
            return nullcontext()
        control = self._fabric.strategy._backward_sync_control  # noqa: SLF001 - Fabric's own way asks for its wrapper
        return control.no_backward_sync(self._wrapped, enabled=True) if control else nullcontext()

    def backward(self, loss: Tensor) -> None:
        """Add the gradients of a loss, a scalar, scaled where the precision asks for it."""
        scaled = loss if self._scaler is None else self._scaler.scale(loss)
        scaled.backward()  # type: ignore[no-untyped-call]  # torch's own

    def unscale(self, optimizers: Sequence[torch.optim.Optimizer]) -> None:
        """Make the gradients those of the loss itself."""
        if self._scaler is not None:
            for optimizer in optimizers:
                if has_gradients(optimizer):
                    self._scaler.unscale_(optimizer)

    def step(self, optimizers: Sequence[torch.optim.Optimizer]) -> None:
        """Let optimizers step; with 16-mixed, gradients that overflowed are skipped and scaled lower next time."""
        if self._scaler is None:
            for optimizer in optimizers:
                optimizer.step()
            return
        stepped = [optimizer for optimizer in optimizers if has_gradients(optimizer)]
        for optimizer in stepped:
            self._scaler.step(optimizer)
        if stepped:
            self._scaler.update()

    def scaler_state(self) -> dict[str, Any] | None:
        """The state of the gradients' scale, None where there is none."""
        return self._scaler.state_dict() if self._scaler is not None else None

    def load_scaler(self, state: dict[str, Any] | None) -> None:
        """Take the scale over from a checkpoint that has one."""
        if self._scaler is not None and state:
            self._scaler.load_state_dict(state)

    def any(self, flag: bool) -> bool:
        """Whether the flag is set in any process."""
        return flag if self.processes == 1 else self.summed([float(flag)])[0] > 0

    def summed(self, values: Sequence[float]) -> list[float]:
        """Each value summed over the processes."""
        if self.processes == 1:
            return list(values)
        total = self._fabric.all_reduce(torch.tensor(values, dtype=torch.float64, device=self.device), reduce_op="sum")
        found: list[float] = total.tolist()  # type: ignore[union-attr]  # a tensor comes out as one
        return found

    def from_first(self, value: T) -> T:
        """The value that the first process has."""
        return value if self.processes == 1 else self._fabric.broadcast(value)

    def gathered(self, value: T) -> list[T]:
        """The values of all processes, by rank."""
        if self.processes == 1:
            return [value]
        found: list[Any] = [None] * self.processes
        torch.distributed.all_gather_object(found, value)
        return found


class _InPrecision(nn.Module):
    """A model whose inside works in a mixed precision and whose outputs come in 32 bits."""

    def __init__(self, inner: nn.Module, fabric: Fabric) -> None:
        super().__init__()
        self.inner = inner
        self._fabric = fabric

    def forward(self, *inputs: Any, **named: Any) -> Any:
        """As the model's own."""
        with self._fabric.autocast():
            found = self.inner(*inputs, **named)
        return _in_full(found)


def _in_full(value: Any) -> Any:
    """Tensors in half precision as float32, wherever they stand in tuples, lists, dicts and dataclasses."""
    if isinstance(value, Tensor):
        return value.float() if value.dtype in (torch.bfloat16, torch.float16) else value
    if isinstance(value, dict):
        return {key: _in_full(item) for key, item in value.items()}
    if isinstance(value, tuple) and hasattr(value, "_fields"):
        return type(value)(*map(_in_full, value))
    if isinstance(value, list | tuple):
        return type(value)(map(_in_full, value))
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return dataclasses.replace(
            value, **{item.name: _in_full(getattr(value, item.name)) for item in dataclasses.fields(value) if item.init}
        )
    return value


def has_gradients(optimizer: torch.optim.Optimizer) -> bool:
    """Whether any of its parameters has a gradient."""
    return any(weight.grad is not None for group in optimizer.param_groups for weight in group["params"])
