"""Tags of many trainers say what they are."""

from __future__ import annotations

import numpy as np
import pytest

from inspector.diagnosis.tags import is_loss, is_rate, loss_pair, with_words
from inspector.formats.metric_names import words
from inspector.formats.series import Series


@pytest.mark.parametrize(
    ("tag", "expected"),
    [
        ("val/fg_ari", ("val", "fg", "ari")),
        ("ValLoss", ("val", "loss")),
        ("lr-Adam/pg1", ("lr", "adam", "pg", "1")),
        ("FG-ARI", ("fg", "ari")),
        ("train.lossTotal", ("train", "loss", "total")),
        ("", ()),
    ],
)
def test_words(tag: str, expected: tuple[str, ...]) -> None:
    assert words(tag) == expected


@pytest.mark.parametrize(
    "tag", ["train/loss", "loss", "Loss", "val_loss_coord", "epoch_loss", "train/nll", "losses.total"]
)
def test_losses(tag: str) -> None:
    assert is_loss(tag)


@pytest.mark.parametrize("tag", ["gloss", "accuracy", "lr", "lossless_ratio", "time/step_s"])
def test_no_losses(tag: str) -> None:
    assert not is_loss(tag)


@pytest.mark.parametrize(
    "tag", ["lr", "LR", "lr/encoder", "learning_rate", "train/learning_rate", "lr-Adam", "LearningRate"]
)
def test_rates(tag: str) -> None:
    assert is_rate(tag)


@pytest.mark.parametrize("tag", ["lr_mult", "color", "error_rate", "learning", "lr_scale"])
def test_no_rates(tag: str) -> None:
    assert not is_rate(tag)


def _curves(*tags: str) -> dict[str, Series]:
    return {tag: Series(tag=tag, steps=np.ones(1), values=np.ones(1)) for tag in tags}


def test_the_whole_loss_is_compared_before_its_terms() -> None:
    pair = loss_pair(_curves("train/loss_a", "val/loss_a", "train/loss", "val/loss"))
    assert pair == ("train/loss", "val/loss")


def test_a_test_loss_stands_in_where_there_is_no_validation() -> None:
    assert loss_pair(_curves("train_loss", "test_loss")) == ("train_loss", "test_loss")
    assert loss_pair(_curves("train_loss", "test_loss", "val_loss")) == ("train_loss", "val_loss")


def test_a_validation_loss_may_stand_alone() -> None:
    assert loss_pair(_curves("val_loss", "accuracy")) == (None, "val_loss")
    assert loss_pair(_curves("train_loss")) is None


def test_of_a_loss_by_step_and_by_epoch_the_epochs_count() -> None:
    pair = loss_pair(_curves("train_loss_step", "train_loss_epoch", "val_loss"))
    assert pair == ("train_loss_epoch", "val_loss")


def test_words_may_be_forbidden() -> None:
    tags = ("val/fg_ari_attention", "val/fg_ari")
    assert with_words(tags, frozenset({"fg"}), frozenset({"ari"}), without=frozenset({"attention"})) == "val/fg_ari"
    assert with_words(tags, frozenset({"missing"})) is None
