"""What a checkpoint alone tells about its run, as values: gradient flow, sparsity, planned rate, readiness."""

from __future__ import annotations

from typing import Literal

import msgspec

from inspector.core.arrays import FloatArray

Flow = Literal["flowing", "partly", "never", "disconnected", "frozen", "unknown"]
"""Whether a gradient arrives.

`partly`: at some of a module's parameters; `never`: the optimizer has made steps with moments that are all zero;
`disconnected`: it is in a group and has no state, so no step ever had a gradient for it; `frozen`: it is in no
group, or the file says that it takes no gradient; `unknown`: nothing in the file tells.
"""


class ParameterGradient(msgspec.Struct, frozen=True, kw_only=True):
    """The gradient of one parameter as the optimizer remembers it.

    Attributes:
        name: of the parameter as the checkpoint names it (`model.encoder.conv1.weight`).
        elements: how many numbers it has.
        rms: root mean square of the gradient's elements, in the loss's unit per unit of weight; NaN where unknown.
        weight_rms, update_rms: root mean square of its elements, and of the next step's; NaN where unknown.
        update_ratio: the latter over the former, NaN where unknown.
        step: optimizer steps that its state has seen, None where it does not say.
        flow: whether a gradient arrives; because: what in the file tells so.
    """

    name: str
    elements: int
    rms: float
    weight_rms: float
    update_rms: float
    update_ratio: float
    step: float | None
    flow: Flow
    because: str = ""


class ModuleGradient(msgspec.Struct, frozen=True, kw_only=True):
    """The same over all parameters of a module.

    Attributes:
        module: dotted path without the checkpoint's own prefix (`encoder.conv_layers.0`).
        elements: numbers in all its parameters; parameters: how many those are.
        without: names of its parameters that get no gradient.
    """

    module: str
    elements: int
    parameters: int
    rms: float
    update_ratio: float
    flow: Flow
    because: str = ""
    without: tuple[str, ...] = ()


class GradientFlow(msgspec.Struct, frozen=True, kw_only=True):
    """Gradients and updates of every module, from the optimizer's moments alone.

    Attributes:
        optimizer: class or family as recognised (`AdamW`, `Adam`), empty where unknown.
        source: which moments gave it (`AdamW's second moments`), as a title shows it.
        formula: how, as text.
        estimate: whether it is more than rounding away from a root mean square over recent gradients.
        joined_by: how the state was joined to names (`stored names`, `order and shape`).
        rows: at most 24, in the model's order, as a person would name its parts; empty where `because` says why.
        modules: every module that owns parameters, in the model's order.
        parameters: every parameter, in the model's order.
        because: why nothing can be said, empty where something can.
    """

    optimizer: str = ""
    source: str = ""
    formula: str = ""
    estimate: bool = False
    joined_by: str = ""
    rows: tuple[ModuleGradient, ...] = ()
    modules: tuple[ModuleGradient, ...] = ()
    parameters: tuple[ParameterGradient, ...] = ()
    because: str = ""
    notes: tuple[str, ...] = ()


class PredictedSparsity(msgspec.Struct, frozen=True, kw_only=True):
    """How often each channel of a batch normalisation is below zero, so silent if a ReLU follows; an estimate.

    Attributes:
        layer: the normalisation's module (`encoder.bn1`).
        path: the same with the section of the checkpoint that it is in (`model.encoder.bn1`).
        silent: (channels,) float64 share of values below zero, 0 to 1, NaN where scale or shift is not finite.
        mean: of the channels' shares that are known, NaN where there is none.
        dead: channels with a scale below 1e-4 in size and a shift below zero.
        unmoved: channels whose running variance is next to nothing beside the layer's others: what came in was
            one value.
        constant: those, and channels with a scale next to nothing: what goes out is one value.
        condition: what must hold for the figures to be right.
    """

    layer: str
    path: str
    silent: FloatArray
    mean: float
    dead: tuple[int, ...] = ()
    unmoved: tuple[int, ...] = ()
    constant: tuple[int, ...] = ()
    condition: str = "if a ReLU follows and its inputs are about normal"


class PlannedCurve(msgspec.Struct, frozen=True, kw_only=True):
    """The learning rate of one group of an optimizer, as its scheduler plans it and as the checkpoint holds it.

    Attributes:
        group: the group's name, else its number as text.
        scheduler: torch's class, empty where it is not recognised.
        unit: what the scheduler counts, `epoch`, `step` or `scheduler step` where it cannot be told.
        now: the scheduler's own steps done, None where it does not say.
        times: (points,) float64 scheduler steps from 0 to the end of the plan; empty where nothing is planned.
        rates: (points,) float64 the planned rate there.
        held: the rate in the optimizer's group, NaN where no optimizer is saved.
        last: the rate that the scheduler set last, NaN where it does not say.
        planned: the planned rate now, NaN where unknown.
        agrees: whether the held rate is the planned one, None where that cannot be told.
        verdict: in words, also where all is well.
        missing: what would be needed to draw the plan, empty where it is drawn.
    """

    optimizer: str
    group: str
    scheduler: str
    unit: str
    now: int | None
    times: FloatArray
    rates: FloatArray
    held: float
    last: float
    planned: float
    agrees: bool | None = None
    verdict: str = ""
    missing: str = ""


class ReadyPart(msgspec.Struct, frozen=True, kw_only=True):
    """One thing that a resume needs.

    Attributes:
        name: `weights`, `optimizer`, `scheduler`, `scaler`, `RNG`, `sampler position`, `EMA`, `epoch and step`, `best`.
        present: whether it is there; None where the run may not need it.
        text: in words (`RNG torch and numpy`, `sampler position missing: the epoch starts over`).
        paths: where in the checkpoint it is.
    """

    name: str
    present: bool | None
    text: str
    paths: tuple[str, ...] = ()


class Readiness(msgspec.Struct, frozen=True, kw_only=True):
    """Whether a run can go on from a checkpoint, and who owns its learning rate then.

    Attributes:
        parts: in the order of the card.
        text: all parts in one line.
        exact: whether a resume can go on exactly as if it had not stopped, as far as the file tells.
        because: who sets the rate after a resume, and what tells so.
        edit_by: how an edit of the rate takes effect; empty where the checkpoint is no training state.
    """

    parts: tuple[ReadyPart, ...]
    text: str
    exact: bool
    because: str
    edit_by: str
