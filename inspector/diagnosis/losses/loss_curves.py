"""Which of a run's curves is the loss that it learns from, and what kind of loss that is."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path

from inspector.diagnosis.material import Material
from inspector.diagnosis.tags import Pair, by_plainness, loss_pair, losses, name_of, part_of
from inspector.diagnosis.trajectories import recipe_of
from inspector.formats.metric_names import words
from inspector.formats.recipes.catalogue import RECIPES
from inspector.formats.series import Series
from inspector.runs.log_paths import log_paths_of

_CONTEST = frozenset(
    ("gan", "adv", "adversarial", "disc", "discriminator", "gen", "generator", "policy", "actor", "critic", "rollout")
)
_REWARDED = frozenset(("reward", "rewards", "return", "returns"))
_BELOW_ZERO = frozenset(
    ("nll", "elbo", "likelihood", "logprob", "density", "diversity", "cosine", "similarity", "contrastive", "entropy",
     "kl", "vae", "flow", "margin", "npair", "infonce", "ssim", "dice")
)  # fmt: skip
_NEVER_BELOW = frozenset(
    ("mse", "mae", "l1", "l2", "bce", "ce", "crossentropy", "cross", "huber", "recon", "reconstruction", "rec", "coord",
     "spatial", "done", "focal")
)  # fmt: skip


def has_losses(material: Material) -> bool:
    """Whether a run logged any loss."""
    return any(len(material.curves[tag].values) for tag in losses(material.curves))


def training_losses(material: Material) -> list[str]:
    """Losses on what is learnt from, the plainest first; where none of several values is named so, those of no part.

    Of a log in a folder of validation those that name no part are not meant.
    """
    curves = material.curves
    found = [tag for tag in losses(curves) if len(curves[tag].values)]
    named = [tag for tag in found if part_of(tag) == "train"]
    plain = [] if _is_held_out(material) else [tag for tag in found if not part_of(tag)]
    several = [[tag for tag in tags if len(curves[tag].values) > 1] for tags in (named, plain)]
    return next(filter(None, (*several, named, plain)), [])


def training_loss(material: Material) -> str | None:
    """The loss that a run learns from: the whole one where it is logged, else the plainest term; None without one."""
    return next(iter(training_losses(material)), None)


def _is_held_out(material: Material) -> bool:
    """Whether all logs lie in folders that are called validation."""
    folders = [Path(path).parent.name for path in log_paths_of(material.run)]
    return bool(folders) and all(part_of(one) == "validation" and len(words(one)) == 1 for one in folders)


def terms_of(curves: Mapping[str, Series], total: str) -> list[str]:
    """Terms of a loss: `train/loss_done` of `train/loss`, weighted ones first as they are what was added up."""
    whole, part = set(name_of(total)), part_of(total)
    found = [tag for tag in losses(curves) if tag != total and part_of(tag) == part and set(name_of(tag)) > whole]
    return sorted(by_plainness(found), key=lambda tag: "weighted" not in words(tag))


def data_term(curves: Mapping[str, Series], total: str) -> str:
    """What a loss says of the data: itself, or its plainest term that is never negative, where another term is.

    A term that is driven below zero takes the total down however the data is learnt.
    """
    terms = terms_of(curves, total)
    if not any((curves[tag].values < 0).any() for tag in terms):
        return total
    return next((tag for tag in by_plainness(terms) if not _NEVER_BELOW.isdisjoint(words(tag))), total)


def compared_losses(curves: Mapping[str, Series]) -> Pair | None:
    """The validation loss and the training loss beside it, each by what it says of the data; None without the former.

    Some trainers add terms that keep the model in shape in training alone.
    """
    pair = loss_pair(curves)
    if pair is None:
        return None
    return Pair(None if pair.train is None else data_term(curves, pair.train), data_term(curves, pair.validation))


def is_contest(curves: Iterable[str]) -> bool:
    """Whether losses play against each other or follow a reward: they rise and fall in runs that go well."""
    found = [set(words(tag)) for tag in curves]
    return any(one & _REWARDED for one in found) or any(one & _CONTEST and "loss" in one for one in found)


def may_be_negative(tag: str) -> bool:
    """Whether a loss of this name goes below zero rightly: a density, a cosine, an entropy."""
    return not _BELOW_ZERO.isdisjoint(words(tag))


def is_never_negative(material: Material, tag: str) -> bool:
    """Whether a loss is a square, a distance or a cross entropy, by its name or by what the run trains."""
    if not _NEVER_BELOW.isdisjoint(words(tag)):
        return True
    recipe = material.recipe
    return recipe in RECIPES or recipe_of("", tuple(material.curves)) is not None
