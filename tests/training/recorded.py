"""Models that the recorder knows nothing of, and what their modules gave as hooks of the test's own caught it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import torch
from torch import Tensor, nn


class Block(nn.Module):
    """Two convolutions around a shortcut, with activations in place as in ResNet."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(channels, channels, 3, padding=1, bias=False)
        self.bn1 = nn.BatchNorm2d(channels)
        self.relu = nn.ReLU(inplace=True)
        self.conv2 = nn.Conv2d(channels, channels, 3, padding=1, bias=False)
        self.bn2 = nn.BatchNorm2d(channels)

    def forward(self, cells: Tensor) -> Tensor:
        return self.relu(self.bn2(self.conv2(self.relu(self.bn1(self.conv1(cells))))) + cells)


class Residual(nn.Module):
    """A stem, two stages, and a classifier."""

    def __init__(self) -> None:
        super().__init__()
        self.stem = nn.Sequential(nn.Conv2d(3, 8, 3, stride=2, padding=1), nn.LeakyReLU(0.1))
        self.layer1 = nn.Sequential(Block(8), Block(8))
        self.fc = nn.Linear(8, 4)

    def forward(self, pictures: Tensor) -> Tensor:
        return self.fc(self.layer1(self.stem(pictures)).mean((2, 3)))


class Pointing(nn.Module):
    """Points at the next object with coordinates from -1 to 1, and says how sure it is and whether it is done."""

    def __init__(self) -> None:
        super().__init__()
        self.stem = nn.Sequential(nn.Conv2d(3, 8, 3, stride=2, padding=1), nn.ReLU())
        self.head = nn.Linear(8, 4)

    def forward(self, pictures: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        said = self.head(self.stem(pictures).mean((2, 3)))
        return said[:, :2].tanh(), said[:, 2].sigmoid(), 4 * said[:, 3] - 2


class Attending(nn.Module):
    """Five learned queries look at the positions of a picture."""

    def __init__(self, *, need_weights: bool = False, average: bool = True) -> None:
        super().__init__()
        self.asked = {"need_weights": need_weights, "average_attn_weights": average}
        self.encoder = nn.Conv2d(3, 8, 2, stride=2)
        self.queries = nn.Parameter(torch.randn(5, 8))
        self.attend = nn.MultiheadAttention(8, 2, batch_first=True)

    def forward(self, pictures: Tensor) -> tuple[Tensor, Tensor | None]:
        cells = self.encoder(pictures).flatten(2).transpose(1, 2)
        return self.attend(self.queries.expand(len(pictures), -1, -1), cells, cells, **self.asked)


@contextmanager
def caught(model: nn.Module, *names: str) -> Iterator[dict[str, list[Tensor]]]:
    """Copies of what modules give while the block runs."""
    found: dict[str, list[Tensor]] = {name: [] for name in names}

    def keep(name: str):
        return lambda _module, _inputs, output: found[name].append(output.detach().clone())

    handles = [model.get_submodule(name).register_forward_hook(keep(name)) for name in names]
    try:
        yield found
    finally:
        for handle in handles:
            handle.remove()


def hooks_of(model: nn.Module) -> int:
    """How many hooks are on a model's modules."""
    return sum(len(module._forward_hooks) + len(module._forward_pre_hooks) for module in model.modules())
