"""Modules that get no gradient, and gradients that vanish or explode across depth, from the optimizer's moments."""

from __future__ import annotations

import math

from inspector.core.pulse import Pulse
from inspector.core.texts import visible
from inspector.core.units import counted, number_text
from inspector.diagnosis.check import About
from inspector.diagnosis.checkpoint_values import Flow, GradientFlow, ModuleGradient, ParameterGradient
from inspector.diagnosis.checkpoints.newest_checkpoint import Newest, flow_of, newest
from inspector.diagnosis.cures import cure, edit
from inspector.diagnosis.material import Material, file_text
from inspector.diagnosis.values import Cure, Finding, NotAssessable, Severity, Sureness

NONE = About(
    id="no-gradient",
    title="Modules get no gradient",
    rules=("S1.04", "S1.15"),
    symptom="A part of the model whose weights never change though it is meant to be trained",
    definition="By the optimizer's state in the newest checkpoint: a parameter is in a group and has no state, so no"
    " step ever had a gradient for it; or its moments are all zero after steps were made. A gradient of zero in one"
    " step, or a small one, is another matter.",
    why="What gets no gradient does not learn: it stays as it was drawn or loaded, whatever the rest becomes",
    confirm="Call backward once and list the parameters whose gradient is None or zero",
    false_alarm="A part that is frozen with requires_grad looks the same, and so does one that these batches do not"
    " use",
    cure="Connect the part to the loss: no detach and no argmax on the way, and its output used. Where its inputs are"
    " dead, mend those first. A resume with the part connected is enough.",
    source="torch keeps state for a parameter from its first gradient on",
)

FROZEN = About(
    id="frozen-modules",
    title="Modules are frozen",
    rules=(),
    symptom="A part of the model whose weights are equal in every checkpoint",
    definition="Parameters in the newest checkpoint that are in no group of the optimizer, or of which the file says"
    " that they take no gradient.",
    why="What is not trained stays as it was loaded",
    confirm="Compare with an earlier checkpoint: frozen weights are equal bit for bit",
    false_alarm="Freezing a pretrained part is common and right; tables that are no parameters are listed too",
    cure="None where it is meant; else give the parameters to the optimizer.",
    source="torch optimizers list the parameters that they train",
)

DEPTH = About(
    id="gradient-depth",
    title="Gradients vanish or explode across depth",
    rules=("X.G2", "X.G3"),
    symptom="Bars of the gradient flow that shrink, or grow, by orders from one end of the model to the other",
    definition="Gradient norm, rms · √elements by the optimizer's second moments, of the first kernel over that of the"
    " last of {least_kernels} kernels or more: below {vanishing_ratio} with the first below {vanishing_norm}, or above"
    " {exploding_ratio}. The middle norms of the first and the last quarter must show it too.",
    why="The first layers learn at another pace than the last: next to nothing, or by leaps",
    confirm="Log the gradient norm of every module; the gradient flow of this checkpoint shows where it turns",
    false_alarm="A pretrained part that is hardly tuned, or a model whose parts are listed in another order than"
    " they are passed, looks the same",
    cure="Clip the gradient at {clip_norm} where it explodes. Where it vanishes: residual paths, normalisation, an"
    " activation that does not saturate, a smaller depth.",
    source="Rules X.G2, X.G3 (AutoTrainer: first over last below 1e-3, or above 70)",
)

_LISTED = 4

_WORDS: dict[Flow, str] = {
    "disconnected": "has no state: no step had a gradient for it",
    "never": "had gradients of zero in every step",
    "frozen": "is frozen",
}
_WORDS_OF_SEVERAL: dict[Flow, str] = {
    "disconnected": "have no state: no step had a gradient for them",
    "never": "had gradients of zero in every step",
    "frozen": "are frozen",
}


def check_none(material: Material, pulse: Pulse) -> Finding | NotAssessable | None:
    """Disconnected modules, those whose gradient is always zero, and, beside them, frozen ones."""
    one, flow, because = _flow(material, pulse)
    if one is None or flow is None:
        return NONE.not_assessable(because)
    lost = [module for module in flow.modules if module.flow in ("disconnected", "never")]
    partly = [module for module in flow.modules if module.flow == "partly"]
    frozen = [module for module in flow.modules if module.flow == "frozen"]
    if not lost and not partly:
        return _frozen(one, frozen)
    named = _wholes(flow, lost)
    texts = [_told(kind, [path for path, of in named if of == kind]) for kind in dict.fromkeys(k for _, k in named)]
    texts += [
        f"{_shown(module)}: {len(module.without)} of {module.parameters} parameters get none" for module in partly
    ]
    if frozen:
        names = ", ".join(_shown(module) for module in frozen[:_LISTED])
        texts.insert(min(_LISTED - 1, len(texts)), f"frozen besides: {names}{', …' if len(frozen) > _LISTED else ''}")
    more = f"; {len(texts) - _LISTED} more" if len(texts) > _LISTED else ""
    count = len(named)
    part = "Parts of modules get no gradient"
    return NONE.finding(
        title=f"{count} module{'s get' if count > 1 else ' gets'} no gradient" if count else part,
        summary=f"{'; '.join(texts[:_LISTED])}{more}, by the optimizer's state in {file_text(one.entry)}",
        severity=Severity.WARNING,
        sureness=Sureness.LIKELY,
        since_step=one.step,
        since_epoch=one.entry.epoch,
        evidence=one.evidence((each.name, each.because) for each in flow.parameters if each.flow in _WORDS),
        source=f"{NONE.source}; {flow.formula}",
    )


def _told(kind: Flow, paths: list[str]) -> str:
    """`memory and head have no state: no step had a gradient for them`."""
    names = [visible(path, 60) for path in paths[:_LISTED]]
    more = len(paths) - len(names)
    *first, last = [*names, f"{more} more"] if more else names
    return f"{', '.join(first)} and {last} {_WORDS_OF_SEVERAL[kind]}" if first else f"{last} {_WORDS[kind]}"


def _frozen(one: Newest, frozen: list[ModuleGradient]) -> Finding | None:
    """Frozen modules alone are usually meant; they are told, and nothing is wrong."""
    if not frozen:
        return None
    names = ", ".join(_shown(module) for module in frozen[:_LISTED])
    return FROZEN.finding(
        title=f"{len(frozen)} module{'s are' if len(frozen) > 1 else ' is'} frozen",
        summary=f"{names}{', …' if len(frozen) > _LISTED else ''}: {frozen[0].because}, in {file_text(one.entry)}",
        severity=Severity.INFO,
        sureness=Sureness.LIKELY,
        since_step=one.step,
        since_epoch=one.entry.epoch,
        evidence=one.evidence((name, "frozen") for module in frozen for name in module.without),
    )


def check_depth(material: Material, pulse: Pulse) -> Finding | NotAssessable | None:
    """The gradient norm of the first kernel against the last (rules X.G2, X.G3)."""
    one, flow, because = _flow(material, pulse)
    if one is None or flow is None:
        return DEPTH.not_assessable(because)
    shapes = {tensor.name: tensor.shape for tensor in one.checkpoint.facts.tensors}
    kernels = [
        each for each in flow.parameters if len(shapes[each.name]) >= 2 and each.flow == "flowing" and each.rms > 0
    ]
    if len(kernels) < material.thresholds.least_kernels:
        verb = "has" if len(kernels) == 1 else "have"
        because = f"only {counted(len(kernels), 'kernel')} {verb} a gradient, which makes no depth"
        return DEPTH.not_assessable(because)
    first, last = kernels[0], kernels[-1]
    ratio = _norm(first) / _norm(last)
    vanishing = ratio < material.thresholds.vanishing_ratio and _norm(first) < material.thresholds.vanishing_norm
    # One odd kernel at an end is no matter of depth: its neighbours must be of its kind.
    quarter = max(len(kernels) // 4, 1)
    trend = _middle(kernels[:quarter]) / _middle(kernels[-quarter:])
    if not (vanishing and trend < material.thresholds.vanishing_ratio) and not (
        ratio > material.thresholds.exploding_ratio and trend > material.thresholds.exploding_ratio
    ):
        return None
    word = "vanish" if vanishing else "explode"
    figures = f"{number_text(_norm(first))} at {visible(first.name, 60)}, {number_text(_norm(last))} at"
    return DEPTH.finding(
        rules=("X.G2",) if vanishing else ("X.G3",),
        title=f"Gradients {word} towards the input",
        summary=f"Gradient norm {figures} {visible(last.name, 60)}, by {flow.source} in {file_text(one.entry)}",
        severity=Severity.WARNING,
        sureness=Sureness.POSSIBLE,
        since_step=one.step,
        since_epoch=one.entry.epoch,
        evidence=one.evidence((each.name, f"gradient norm {number_text(_norm(each))}") for each in (first, last)),
        cures=() if vanishing else _clipping(material),
        source=f"{DEPTH.source}; {flow.formula}",
    )


def _flow(material: Material, pulse: Pulse) -> tuple[Newest | None, GradientFlow | None, str]:
    one = newest(material, pulse)
    if isinstance(one, str):
        return None, None, one
    flow = flow_of(one, pulse)
    return (one, None, f"{file_text(one.entry)}: {flow.because}") if flow.because else (one, flow, "")


def _shown(module: ModuleGradient) -> str:
    return visible(module.module, 60)


def _wholes(flow: GradientFlow, lost: list[ModuleGradient]) -> list[tuple[str, Flow]]:
    """The largest parts of the model that get no gradient in one and the same way: their path, and the way."""
    kinds: dict[str, set[Flow]] = {}
    for module in flow.modules:
        path = module.module
        while path:
            kinds.setdefault(path, set()).add(module.flow)
            path = path.rpartition(".")[0]
    found: dict[str, Flow] = {}
    for module in lost:
        path = module.module
        while kinds.get(path.rpartition(".")[0]) == {module.flow}:
            path = path.rpartition(".")[0]
        found.setdefault(path, module.flow)
    return list(found.items())


def _norm(one: ParameterGradient) -> float:
    return one.rms * math.sqrt(one.elements)


def _middle(kernels: list[ParameterGradient]) -> float:
    return sorted(map(_norm, kernels))[len(kernels) // 2]


def _clipping(material: Material) -> tuple[Cure, ...]:
    if material.number("optim.clip_norm") is not None:
        return ()
    return cure(
        "Clip the gradient",
        edit(material, "optim.clip_norm", material.thresholds.clip_norm, "Bounds every step (X.G3)"),
    )
