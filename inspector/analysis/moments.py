"""What an optimizer's moments tell of the gradients that made them.

Each family remembers a weighted sum of recent gradients or of their squares; undoing the weights gives the size that a
gradient's element had. `t` is the optimizer's steps, the betas are those of the group.

| family | kept | mean square of the gradient | source |
| --- | --- | --- | --- |
| Adam, AdamW, NAdam, RAdam | `exp_avg_sq` | mean of exp_avg_sq / (1 - beta2^t) | Kingma and Ba 2015, eq. 4 |
| RMSprop | `square_avg` | mean of square_avg / (1 - alpha^t) | Hinton 2012, lecture 6e |
| Adadelta | `square_avg` | mean of square_avg / (1 - rho^t) | Zeiler 2012 |
| Adagrad | `sum` | mean of (sum - initial) / t | Duchi, Hazan and Singer 2011 |
| Adafactor | factored or whole second moments | mean of either factor | Shazeer and Stern 2018; the weights sum to 1 |
| Adamax | `exp_inf` | mean of exp_inf^2, a bound from above | Kingma and Ba 2015, algorithm 2 |
| Rprop | `prev` | mean of prev^2, the last gradient itself | torch 2.13 |
| SGD with momentum | `momentum_buffer` | mean of (buffer (1 - mu) / (1 - dampening))^2 | torch 2.13 |
| Muon | `momentum_buffer` | mean of buffer^2 | torch 2.13 |
| Lion | `exp_avg` | mean of exp_avg^2 | Chen et al. 2023 |

The last three remember a mean gradient, in which opposite ones cancel: bounds from below.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Collection, Mapping
from typing import Any, Literal, TypeAlias

import msgspec

from inspector.analysis.numbers import finite_number

Measure = Literal["mean", "mean square"]

MeanSquare: TypeAlias = Callable[[float, float | None, Mapping[str, Any]], float]
"""Mean square of a gradient's elements, NaN where a number that it needs is missing. Takes what was measured of the
moment, the steps that it has seen (without them it is taken as settled), and plain values of the group."""


def _as_kept(value: float, _step: float | None, _group: Mapping[str, Any]) -> float:
    return value


class Family(msgspec.Struct, frozen=True, kw_only=True):
    """A kind of optimizer, as its state shows it.

    Attributes:
        name: as a person says it.
        moment: key of the tensor that tells of the gradient.
        measure: what of that tensor is needed.
        source: how a title says it; formula: as text.
        estimate: whether more than rounding lies between the figure and the root mean square of recent gradients.
        mean_square: undoes the weights of the moment.
    """

    name: str
    moment: str
    measure: Measure
    source: str
    formula: str
    estimate: bool = False
    mean_square: MeanSquare = _as_kept


_Maker: TypeAlias = Callable[[frozenset[str], Mapping[str, Any]], Family | None]

_SECOND = "root of the mean of exp_avg_sq / (1 − beta2^t)"


def family_of(keys: Collection[str], group: Mapping[str, Any]) -> Family | None:
    """The family whose state has these keys, None where none has.

    Args:
        keys: names of what is kept for one parameter.
        group: plain values of its group, which tell variants apart.
    """
    kept = frozenset(keys)
    for needed, maker in _FAMILIES:
        if needed in kept:
            return maker(kept, group)
    return None


def _adam(kept: frozenset[str], group: Mapping[str, Any]) -> Family | None:
    betas = group.get("betas")
    if not isinstance(betas, list):
        if {"decay_rate", "beta1"} & set(group):
            return _adafactor("exp_avg_sq")
        # Flattened layouts may keep no groups: without beta2 the start cannot be corrected for.
        formula = "root of the mean of exp_avg_sq, beta2 is not in the file"
        source = "second moments"
        return Family(name="Adam", moment="exp_avg_sq", measure="mean", source=source, formula=formula, estimate=True)
    if len(betas) != 2 or "exp_avg_diff" in kept:
        return None
    name = _adam_name(kept, group)
    # A decay that is not decoupled was added to the gradient before it was squared.
    mixed = name != "AdamW" and bool(_number(group, "weight_decay", 0.0))
    return Family(
        name=name,
        moment="exp_avg_sq",
        measure="mean",
        source=f"{name}'s second moments",
        formula=_SECOND,
        estimate=mixed,
        mean_square=lambda value, step, group: _corrected(value, group["betas"][1], step),
    )


def _adam_name(kept: frozenset[str], group: Mapping[str, Any]) -> str:
    if "mu_product" in kept or "momentum_decay" in group:
        return "NAdam"
    if "trust_clip" in group or "always_adapt" in group:
        return "LAMB"
    if group.get("decoupled_weight_decay") is True:
        return "AdamW" if "amsgrad" in group else "RAdam"
    if "decoupled_weight_decay" in group:
        return "Adam" if "amsgrad" in group else "RAdam"
    return "Adam"


def _adafactor(moment: str) -> Family:
    return Family(
        name="Adafactor",
        moment=moment,
        measure="mean",
        source="Adafactor's second moments",
        formula=f"root of the mean of {moment}",
    )


def _square_avg(kept: frozenset[str], _group: Mapping[str, Any]) -> Family:
    name, decay = ("Adadelta", "rho") if "acc_delta" in kept else ("RMSprop", "alpha")
    return Family(
        name=name,
        moment="square_avg",
        measure="mean",
        source=f"{name}'s second moments",
        formula=f"root of the mean of square_avg / (1 − {decay}^t)",
        mean_square=lambda value, step, group: _corrected(value, group.get(decay), step),
    )


def _momentum(_kept: frozenset[str], group: Mapping[str, Any]) -> Family:
    muon = "ns_steps" in group
    return Family(
        name="Muon" if muon else "SGD",
        moment="momentum_buffer",
        measure="mean square",
        source=f"{'Muon' if muon else 'SGD'}'s momentum",
        formula="RMS of the buffer" if muon else "RMS of the buffer times (1 − momentum) / (1 − dampening)",
        estimate=True,
        mean_square=_as_kept if muon else _of_buffer,
    )


def _of_buffer(value: float, _step: float | None, group: Mapping[str, Any]) -> float:
    momentum = _number(group, "momentum", math.nan)
    damping = 1.0 - _number(group, "dampening", 0.0)
    share = (1.0 - momentum) / damping if damping > 0 else math.nan
    return value * share * share


def _of_sum(value: float, step: float | None, group: Mapping[str, Any]) -> float:
    initial = _number(group, "initial_accumulator_value", 0.0)
    return max(0.0, value - initial) / step if step else math.nan


def _plain(
    name: str,
    moment: str,
    measure: Measure,
    formula: str,
    source: str,
    *,
    estimate: bool,
    mean_square: MeanSquare = _as_kept,
) -> _Maker:
    family = Family(
        name=name,
        moment=moment,
        measure=measure,
        source=f"{name}'s {source}",
        formula=formula,
        estimate=estimate,
        mean_square=mean_square,
    )
    return lambda _kept, _group: family


def _lion(_kept: frozenset[str], group: Mapping[str, Any]) -> Family | None:
    betas = group.get("betas")
    if "eps" in group or not isinstance(betas, list) or len(betas) != 2:
        return None
    return Family(
        name="Lion",
        moment="exp_avg",
        measure="mean square",
        source="Lion's momentum",
        formula="RMS of exp_avg",
        estimate=True,
    )


_FAMILIES: tuple[tuple[str, _Maker], ...] = (
    ("exp_avg_sq", _adam),
    ("exp_inf", _plain("Adamax", "exp_inf", "mean square", "RMS of exp_inf", "largest gradients", estimate=True)),
    ("exp_avg_sq_row", lambda _kept, _group: _adafactor("exp_avg_sq_row")),
    ("row_var", lambda _kept, _group: _adafactor("row_var")),
    ("variance", lambda _kept, _group: _adafactor("variance")),
    ("square_avg", _square_avg),
    (
        "sum",
        _plain(
            "Adagrad",
            "sum",
            "mean",
            "root of the mean of (sum − initial) / t",
            "sums of squares",
            estimate=False,
            mean_square=_of_sum,
        ),
    ),
    ("prev", _plain("Rprop", "prev", "mean square", "RMS of prev", "last gradient", estimate=False)),
    ("momentum_buffer", _momentum),
    ("exp_avg", _lion),
)
"""By the key that only this family has, the most telling first."""


def bias_correction(decay: Any, step: float | None) -> float:
    """1 - decay^t, 1 where the steps are unknown, NaN where it is none."""
    if not isinstance(decay, int | float) or isinstance(decay, bool) or not 0.0 <= decay < 1.0:
        return math.nan
    if step is None:
        return 1.0
    return 1.0 - float(decay) ** step if step > 0 else math.nan


def _corrected(value: float, decay: Any, step: float | None) -> float:
    return value / bias_correction(decay, step)


def _number(group: Mapping[str, Any], key: str, default: float) -> float:
    held = finite_number(group.get(key, default))
    return default if held is None else held
