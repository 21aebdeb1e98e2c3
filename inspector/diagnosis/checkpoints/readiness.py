"""Whether a run can go on from a checkpoint, in words, and who owns its learning rate then.

Source: the exact-resume trial of the reference: each of optimizer, scheduler, RNG and sampler position that is left out
changes the losses that follow; `Optimizer.load_state_dict` brings back every hyper-parameter of the groups.
"""

from __future__ import annotations

import math
import re
from collections.abc import Collection, Iterable, Mapping
from typing import Any, NamedTuple

from inspector.analysis.numbers import finite_number
from inspector.analysis.optimizer_state import SavedOptimizer, saved_optimizers
from inspector.core.texts import visible
from inspector.core.units import counted, number_text
from inspector.diagnosis.checkpoint_values import Readiness, ReadyPart
from inspector.diagnosis.rates.checkpoint_rates import HeldRate, rates_of, scheduler_roots
from inspector.diagnosis.rates.rate_faults import leaves_plan, overwritten_after, written_after
from inspector.diagnosis.thresholds import DEFAULTS, Thresholds
from inspector.formats import checkpoint
from inspector.formats.facts import CheckpointFacts

_SCALER = re.compile(
    r"(^|\.)(grad_)?(scaler|amp_scaler|native_amp_scaling_state|amp|precision_plugin\w*)(\.|$)", re.IGNORECASE
)
_SCALER_KEYS = frozenset(("_growth_tracker", "growth_interval", "loss_scaler0.loss_scale", "growth_factor"))
_RNG = re.compile(
    r"(^|[._])(rng|random|prng)([._]?(state|states|key))*([._]|$)|random_states?_\d+|rng_state", re.IGNORECASE
)
_LIBRARIES: tuple[tuple[str, re.Pattern[str]], ...] = (
    ("torch", re.compile(r"torch|(^|[._])cpu([._]|$)", re.IGNORECASE)),
    ("CUDA", re.compile(r"cuda|gpu", re.IGNORECASE)),
    ("numpy", re.compile(r"numpy|(^|[._])np([._]|$)", re.IGNORECASE)),
    ("Python", re.compile(r"python|(^|[._])random(_state)?([._]\d+)*$", re.IGNORECASE)),
)
_SAMPLER = re.compile(
    r"(^|[._])(sampler|data_?loader|loader_state|data_state|batch_progress|epoch_iterator|consumed_samples"
    r"|samples_seen|batch_index|batches_done)([._]|$)",
    re.IGNORECASE,
)
_EPOCHS = ("epoch", "current_epoch", "epochs_done", "last_epoch_done")
_STEPS = ("step", "global_step", "iteration", "iter", "it", "batch_num_total", "num_updates", "steps_done")
_BEST = re.compile(r"(^|[._])(best(_|$|\.)\w*|patience|stagnation_counter|wait_count|early_stopping)", re.IGNORECASE)
_LIGHTNING = "pytorch-lightning_version"


class _Names(NamedTuple):
    """Every path of a checkpoint that is no weight, moment or setting."""

    paths: tuple[str, ...]

    def matching(self, pattern: re.Pattern[str]) -> tuple[str, ...]:
        """Those in which the pattern is."""
        return tuple(path for path in self.paths if pattern.search(path))


def readiness(
    facts: CheckpointFacts, without_elements: Collection[str] = (), limits: Thresholds = DEFAULTS
) -> Readiness:
    """What a resume from this checkpoint would find and miss.

    Args:
        facts: of the checkpoint.
        without_elements: names of the tensors that have no bytes, as in a file that is cut off; those that `facts`
            does not list are of a file that is missing, and count as weights.
        limits: those in force for the run.
    """
    optimizers = saved_optimizers(facts.tensors, facts.objects)
    names = _Names(tuple(_own_paths(facts)))
    held = rates_of(facts)
    parts = (
        _weights(facts, without_elements),
        _optimizer(optimizers, without_elements),
        _scheduler(facts, held, optimizers),
        _scaler(facts, names),
        _generators(facts, names, without_elements),
        _sampler(names),
        _average(facts, without_elements),
        _position(facts.objects),
        _best(names),
    )
    because, edit_by = _rate_owner(facts, optimizers, held, limits)
    shown = [one.text for one in parts if one.present is not None or one.name == "scheduler"]
    needed = {one.name: one.present for one in parts}
    return Readiness(
        parts=parts,
        text=" · ".join(shown),
        exact=all(needed[name] for name in ("weights", "optimizer", "RNG", "sampler position", "epoch and step"))
        and needed["scheduler"] is not False,
        because=because,
        edit_by=edit_by,
    )


def _own_paths(facts: CheckpointFacts) -> Iterable[str]:
    for path, value in facts.objects.items():
        if value not in ({}, [], None) and not _is_setting(path) and ".param_groups." not in path:
            yield path
    for tensor in facts.tensors:
        if tensor.role == "other":
            yield tensor.name


def _is_setting(path: str) -> bool:
    top = path.partition(".")[0].lower()
    return top in (
        "settings",
        "args",
        "config",
        "cfg",
        "hyper_parameters",
        "hparams",
        "opt",
        "training_args",
        "metrics",
    )


def _lost(name: str, held: Collection[str], without_elements: Collection[str]) -> ReadyPart | None:
    """A part some of whose tensors have no bytes; None where all have."""
    lost = [path for path in held if path in without_elements]
    if not lost:
        return None
    which = f"{len(lost):,} of {counted(len(held), 'tensor')} {'has' if len(lost) == 1 else 'have'} no bytes"
    return ReadyPart(name=name, present=False, text=f"{name} incomplete: {which}", paths=(lost[0],))


def _weights(facts: CheckpointFacts, without_elements: Collection[str]) -> ReadyPart:
    weights = [tensor.name for tensor in facts.tensors if tensor.role == "weight"]
    listed = {tensor.name for tensor in facts.tensors}
    buffers = [tensor.name for tensor in facts.tensors if tensor.role == "buffer"]
    unlisted = [name for name in without_elements if name not in listed]
    if weights or unlisted:
        lost = _lost("weights", (*weights, *buffers, *unlisted), without_elements)
        return lost or ReadyPart(name="weights", present=True, text="weights yes", paths=(weights[0],))
    averaged = any(tensor.role == "ema" for tensor in facts.tensors)
    text = "weights missing: only their average is here" if averaged else "weights missing"
    return ReadyPart(name="weights", present=False, text=text)


def _optimizer(optimizers: tuple[SavedOptimizer, ...], without_elements: Collection[str]) -> ReadyPart:
    if not optimizers:
        return ReadyPart(
            name="optimizer", present=False, text="optimizer missing: its moments start at zero, so steps are larger"
        )
    paths = tuple(one.root for one in optimizers)
    entries = [entry for one in optimizers for entry in one.state.values()]
    lost = _lost("optimizer", [tensor.name for entry in entries for tensor in entry.tensors.values()], without_elements)
    if lost is not None:
        return lost
    if any(one.state for one in optimizers):
        text = "optimizer yes" if len(optimizers) == 1 else f"{len(optimizers)} optimizers yes"
        return ReadyPart(name="optimizer", present=True, text=text, paths=paths)
    return ReadyPart(name="optimizer", present=True, text="optimizer yes, with no moments", paths=paths)


def _scheduler(facts: CheckpointFacts, held: list[HeldRate], optimizers: tuple[SavedOptimizer, ...]) -> ReadyPart:
    roots = tuple(scheduler_roots(facts.objects))
    if roots:
        names = dict.fromkeys(visible(one.scheduler, 60) for one in held if one.scheduler)
        text = f"scheduler yes ({', '.join(names)})" if names else "scheduler yes"
        return ReadyPart(name="scheduler", present=True, text=text, paths=roots)
    if any(path.endswith(".initial_lr") for path in facts.objects):
        text = "scheduler missing, although there was one: its schedule starts over"
        return ReadyPart(name="scheduler", present=False, text=text)
    if not optimizers:
        return ReadyPart(name="scheduler", present=False, text="scheduler missing")
    return ReadyPart(name="scheduler", present=None, text="no scheduler: the rate is constant or the loop's own")


def _scaler(facts: CheckpointFacts, names: _Names) -> ReadyPart:
    found = [path for path in names.matching(_SCALER) if not path.endswith("__class__")]
    found += [path for path in facts.objects if path.rpartition(".")[2] in _SCALER_KEYS and path not in found]
    if found:
        return ReadyPart(name="scaler", present=True, text="scaler yes", paths=tuple(found[:1]))
    return ReadyPart(name="scaler", present=None, text="no scaler: needed for training in half precision only")


def _generators(facts: CheckpointFacts, names: _Names, without_elements: Collection[str]) -> ReadyPart:
    paths = names.matching(_RNG)
    tensors = {tensor.name for tensor in facts.tensors}
    lost = _lost("RNG", [path for path in paths if path in tensors], without_elements)
    if lost is not None:
        return lost
    empty = {path for path, value in facts.objects.items() if value in ([], {}, None)}
    found = [name for name, pattern in _LIBRARIES if any(pattern.search(_own(path)) for path in paths)]
    if not found and any(path not in empty for path in paths):
        found = ["torch"] if not tensors.isdisjoint(paths) else ["a generator"]
    if not found:
        text = "RNG missing: shuffling, noise and dropout take another course"
        return ReadyPart(name="RNG", present=False, text=text)
    return ReadyPart(name="RNG", present=True, text=f"RNG {_listed(found)}", paths=paths[:1])


def _own(path: str) -> str:
    """A path without the words that every generator's has."""
    return re.sub(r"(^|[._])(rng|prng)([._]?states?)?", ".", path, flags=re.IGNORECASE)


def _listed(words: list[str]) -> str:
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} and {words[-1]}"


def _sampler(names: _Names) -> ReadyPart:
    paths = names.matching(_SAMPLER)
    if paths:
        return ReadyPart(name="sampler position", present=True, text="sampler position yes", paths=paths[:1])
    return ReadyPart(name="sampler position", present=False, text="sampler position missing: the epoch starts over")


def _average(facts: CheckpointFacts, without_elements: Collection[str]) -> ReadyPart:
    found = [tensor.name for tensor in facts.tensors if tensor.role == "ema"]
    if found:
        lost = _lost("EMA", found, without_elements)
        return lost or ReadyPart(name="EMA", present=True, text="EMA yes", paths=(found[0],))
    return ReadyPart(name="EMA", present=None, text="no EMA")


def _position(objects: Mapping[str, Any]) -> ReadyPart:
    epoch, step = _first(objects, _EPOCHS), _first(objects, _STEPS)
    found = [f"{word} {objects[path]:,}" for word, path in (("epoch", epoch), ("step", step)) if path]
    paths = tuple(path for path in (epoch, step) if path)
    if not found:
        return ReadyPart(name="epoch and step", present=False, text="epoch and step missing: counting starts over")
    return ReadyPart(name="epoch and step", present=True, text=" and ".join(found), paths=paths)


def _first(objects: Mapping[str, Any], names: tuple[str, ...]) -> str | None:
    """The shortest path of a number with one of these names."""
    found = [
        path
        for path, value in objects.items()
        if path.rpartition(".")[2] in names
        and path.count(".") <= 1
        and not _is_setting(path)
        and finite_number(value) is not None
    ]
    return min(found, key=lambda path: (path.count("."), names.index(path.rpartition(".")[2])), default=None)


def _best(names: _Names) -> ReadyPart:
    paths = tuple(path for path in names.matching(_BEST) if "sched" not in path.lower())
    if paths:
        return ReadyPart(name="best", present=True, text="best so far yes", paths=paths[:1])
    return ReadyPart(name="best", present=None, text="best so far missing: early stopping counts anew")


def _rate_owner(
    facts: CheckpointFacts, optimizers: tuple[SavedOptimizer, ...], held: list[HeldRate], limits: Thresholds
) -> tuple[str, str]:
    """Who sets the rate after a resume, and how an edit of it takes effect; empty where nothing can be resumed."""
    if not any(tensor.role == "weight" for tensor in facts.tensors) and not optimizers:
        return "there is nothing to train on from", ""
    if not any(one.state for one in optimizers):
        because = "no optimizer state is saved, so a resume is a new start from these weights"
        return because, "Set the rate where the training program sets it; nothing in the file holds it"
    if facts.objects.get("schema") == checkpoint.SCHEMA:
        because = "this program builds the schedule anew from the settings and takes only the moments from the file"
        return because, "Stage an edit of optim.lr; the preview shows what it gives"
    written = next((one for one in held if _was_written(one, limits)), None)
    if written is not None:
        rate = number_text(written.rate)
        because = (
            f"group {visible(written.group, 40)} holds {rate}, which its scheduler did not set: the loop writes it"
        )
        return because, "Change the rate in the program's own options; an edited checkpoint is written over"
    if scheduler_roots(facts.objects):
        who = "Lightning restores" if _LIGHTNING in facts.objects else "the usual resume restores"
        because = f"optimizer and scheduler are saved, and {who} both with their rates"
        edit_by = (
            "Scale the rates in a copy of the checkpoint, or build a new scheduler after loading and step it forward;"
            " an edited option is ignored"
        )
        return because, edit_by
    if any(path.endswith(".initial_lr") for path in facts.objects):
        because = "the groups keep an initial rate of a scheduler that is not saved: the program builds a new one"
        return because, "Change the rate in the program's options and take initial_lr out of the groups"
    if _LIGHTNING in facts.objects:
        return "Lightning restores the groups with their rates", "Change the rate after loading"
    because = "no scheduler is saved and none was ever attached: the rate is the loop's own or constant"
    return because, "Change the rate in the program's own options, and set it again after the state is loaded"


def _was_written(one: HeldRate, limits: Thresholds) -> bool:
    """Whether something else than its scheduler gave the group its rate."""
    if math.isfinite(one.last) and written_after(one, limits):
        return True
    known = math.isfinite(one.planned) and math.isfinite(one.base)
    return known and leaves_plan(one.rate, one.planned, one.base, limits) and overwritten_after(one, limits)
