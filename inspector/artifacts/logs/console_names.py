"""Names that console lines give their numbers: how they are written as tags, and which are those of metrics."""

from __future__ import annotations

import re

_BETWEEN_WORDS = re.compile(r"[_/.() -]+")
_ENDING_DOT = re.compile(r"\.(?=_|$)")
_SOURCE_FILE = re.compile(r"\.(?:py|cpp|cc|cu|cuh|c|h|hpp|js|ts|rs|go|java|so)$")

_NOT_METRICS = frozenset((
    "eta", "elapsed", "localhost", "remaining", "total", "time_left", "target", "port", "pid", "rank", "local_rank",
    "world_size", "v_num", "version", "seed", "value", "line", "lineno", "epoch", "epochs", "step", "steps",
    "images", "img_size", "size", "instances", "labels",
))  # fmt: skip
_METRIC_WORDS = frozenset((
    "loss", "losses", "acc", "accuracy", "ari", "error", "err", "mae", "mse", "rmse", "psnr", "ssim", "iou", "miou",
    "map", "ap", "dice", "f1", "precision", "recall", "auc", "auroc", "bleu", "rouge", "ppl", "perplexity", "lr",
    "rate", "grad", "norm", "gradnorm", "reward", "return", "score", "kl", "kld", "elbo", "nll", "bce", "entropy",
    "similarity", "sim", "cosine", "sparsity", "mbo", "fid", "wer", "cer", "acc1", "acc5", "top1", "top5", "acc@1",
    "acc@5", "prec@1", "prec@5", "map50", "map50-95", "logloss", "rew", "eprewmean",
))  # fmt: skip
"""What may stand in one line without an epoch or step and still be a metric."""

EPOCH_NAMES = frozenset(("epoch", "epochs"))
STEP_NAMES = (
    "time/total_timesteps", "total_timesteps", "misc/total_timesteps", "timesteps", "global_step", "num_updates",
    "step", "steps", "iteration", "iterations", "iter", "time/iterations", "nupdates", "misc/nupdates", "updates",
)  # fmt: skip
"""What tells the step in a table, the surest first."""

SCOPES = r"train|val|valid|test|eval"


def tag_of(name: str) -> str:
    """A name in lower case with its words joined by `_`."""
    return _ENDING_DOT.sub("", "_".join(name.lower().split()))


def is_metric(tag: str) -> bool:
    """Whether a tag holds a word that metrics are named by."""
    return tag in _METRIC_WORDS or not _METRIC_WORDS.isdisjoint(_BETWEEN_WORDS.split(tag))


def is_noise(tag: str) -> bool:
    """Whether a tag names what is never a curve: a clock, a place in a source file, a constant of the run."""
    if tag in _NOT_METRICS or _SOURCE_FILE.search(tag):
        return True
    return _BETWEEN_WORDS.split(tag)[-1] in _NOT_METRICS and not is_metric(tag)
