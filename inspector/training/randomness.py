"""The random state of every library used: seeded, captured as plain values, restored."""

from __future__ import annotations

import random
from collections.abc import Mapping
from typing import Any

import numpy as np
import torch


def seed_all(seed: int) -> None:
    """Seed python, numpy and torch on every device."""
    random.seed(seed)
    np.random.seed(seed)  # noqa: NPY002 - the shared legacy state is what other code may draw from
    torch.manual_seed(seed)


def take_place(rank: int, states: Mapping[int, dict[str, Any]], seed: int, step: int) -> None:
    """Put a process that is not the first where it was, or seed it so that it draws what no other does."""
    if rank in states:
        restore(states[rank])
    else:
        seed_all(int(np.random.SeedSequence([seed, rank, step]).generate_state(1)[0]))


def captured() -> dict[str, Any]:
    """The state of all of them, as a checkpoint holds it."""
    version, words, gauss = random.getstate()
    numpy_state: dict[str, Any] = dict(np.random.get_state(legacy=False))  # noqa: NPY002 - as above
    return {
        "python": {"version": version, "words": torch.tensor(words, dtype=torch.int64), "gauss": gauss},
        "numpy": {
            "key": torch.from_numpy(numpy_state["state"]["key"].astype(np.int64)),
            "position": int(numpy_state["state"]["pos"]),
            "has_gauss": int(numpy_state["has_gauss"]),
            "gauss": float(numpy_state["gauss"]),
        },
        "torch": torch.get_rng_state(),
        "cuda": torch.cuda.get_rng_state_all() if torch.cuda.is_available() else [],
    }


def restore(state: dict[str, Any]) -> None:
    """Put every library where it was; states of devices that are not here are left out."""
    python = state["python"]
    random.setstate((python["version"], tuple(python["words"].tolist()), python["gauss"]))
    kept = state["numpy"]
    np.random.set_state(  # noqa: NPY002 - as above
        ("MT19937", kept["key"].numpy().astype(np.uint32), kept["position"], kept["has_gauss"], kept["gauss"])
    )
    torch.set_rng_state(state["torch"])
    for index, device_state in enumerate(state["cuda"][: torch.cuda.device_count()]):
        torch.cuda.set_rng_state(device_state, index)
