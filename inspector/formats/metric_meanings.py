"""What metrics measure: definition, range, trivial baseline and source, written once for tips, tables and help."""

from __future__ import annotations

from functools import cache

import msgspec

from inspector.core.language import tr
from inspector.core.units import number_text, pixels_text
from inspector.formats.metric_names import words

_SHARE = "0 to 1"
_HIGHER, _LOWER = "higher is better", "lower is better"
_NATS = "0 and more, in nats; lower is better"


class Meaning(msgspec.Struct, frozen=True):
    """What there is to say of one metric.

    Attributes:
        name: as our trainer logs it; one that ends in `/` is that of each layer, group, module or term.
        text: its definition.
        span: its range, and which end is better where one is.
        baseline: what an answer without learning scores, and where it is logged.
        source: whence the definition comes.
        also: words that names of other programs hold for the same, each of them enough.
    """

    name: str
    text: str
    span: str
    baseline: str = ""
    source: str = ""
    also: tuple[str, ...] = ()


MEANINGS: tuple[Meaning, ...] = (
    Meaning(
        "train/loss", "What training minimises, the weighted terms together, mean over the batch of the step",
        "that of its terms; lower is better", "the first value, of a model that knows nothing",
    ),
    Meaning(
        "val/loss", "The loss over held-out samples, in evaluation mode; compare it with train/loss only where both are"
        " reduced alike and dropout or augmentation do not set them apart", "that of its terms; lower is better",
        "the first value, of a model that knows nothing",
    ),
    Meaning(
        "val/loss_excess", "Validation loss above the least that label smoothing leaves", _NATS,
        "0 is perfect; the floor taken off is 0.500 for 10 classes and smoothing 0.1",
    ),
    Meaning("train/loss_", "One term of the loss, before its weight", "lower is better"),
    Meaning("val/loss_", "One term of the loss over held-out samples, before its weight", "lower is better"),
    Meaning(
        "lr/", "Learning rate of a parameter group as the step used it, after the schedule and all other writers",
        "above 0", "the curve that the settings plan, drawn dashed in Curves",
    ),
    Meaning(
        "grad_norm/total", "L2 norm of the gradient of all trained weights together, before clipping",
        "0 and more; NaN where no weight has a gradient", "optim.clip_norm, where gradients are clipped",
        also=("grad norm", "gradient norm"),
    ),
    Meaning(
        "grad_norm/", "L2 norm of the gradient of a module's weights, before clipping: NaN where none has one (it is"
        " cut off from the loss), 0 where all are zero", "0 and more",
        "the other modules of the run: a scale of its own it has not",
    ),
    Meaning(
        "update_ratio/", "Spread of a module's update over the spread of its weights, std(Δw) / std(w), of the step as"
        " made, matrices and kernels alone", "0 and more; about 1e-3 is healthy",
        "below 1e-4 hardly anything moves, above 1e-1 weights are thrown about", "Karpathy, makemore part 3",
    ),
    Meaning(
        "clip_fraction", "Share of the steps since the last record whose gradient was longer than optim.clip_norm, or"
        " not finite", _SHARE, "near 1 clipping sets the length of every step, and the rate means something else",
    ),
    Meaning(
        "val/fg_ari", "Adjusted Rand index of predicted segments against objects, over the pixels of objects alone: 0"
        " is chance, 1 is every object whole and apart; what happens to the background does not count",
        f"at most 1, chance is 0; {_HIGHER}",
        "blind 2×2 blocks reach 0.5 to 0.6, clusters of colour up to 0.97: baseline/fg_ari_blocks and"
        " baseline/fg_ari_colour", "Hubert and Arabie 1985, over the foreground",
        also=("fg ari", "fgari", "ari fg"),
    ),
    Meaning(
        "val/ari", "Adjusted Rand index over all pixels, the background among them: pairs of pixels on which both"
        " partitions agree, set to 0 for chance", f"at most 1, chance is 0; {_HIGHER}",
        "2×2 blocks score 0.03 to 0.05 where most pixels are background: baseline/ari_blocks",
        "Hubert and Arabie 1985", also=("ari",),
    ),
    Meaning(
        "val/accuracy_content", "Share of cells inside the grid that are right; padding does not count",
        f"{_SHARE}; {_HIGHER}", "copying the input, or the most frequent colour: baseline/accuracy_content_copy_input"
        " and baseline/accuracy_content_most_frequent",
    ),
    Meaning(
        "val/accuracy_coloured", "Share of cells inside the grid, the background colour left out, that are right",
        f"{_SHARE}; {_HIGHER}",
    ),
    Meaning(
        "val/accuracy_padded", "Share of all cells of the padded canvas that are right; padding is most of it and easy",
        f"{_SHARE}; {_HIGHER}", "all zeros score 0.92 on 30 × 30 canvases: baseline/accuracy_padded_all_zeros",
    ),
    Meaning(
        "val/exact_match", "Share of grids of which every cell is right", f"{_SHARE}; {_HIGHER}",
        "0 for trivial answers", also=("exact match",),
    ),
    Meaning(
        "train/accuracy", "Share of the step's cells that are right, on augmented training samples",
        f"{_SHARE}; {_HIGHER}",
    ),
    Meaning(
        "val/pixel_error", "Mean distance of the predicted point from its object, in pixels of the original image",
        f"0 and more, in pixels; {_LOWER}", "always the mean position: baseline/pixel_error_mean_position",
        also=("pixel error",),
    ),
    Meaning(
        "val/pixel_error_median",
        "Median distance of the predicted point from its object; a few far ones do not move it",
        f"0 and more, in pixels; {_LOWER}", "always the mean position: baseline/pixel_error_mean_position",
    ),
    Meaning(
        "val/pixel_error_p90", "Distance that nine points in ten do not exceed", f"0 and more, in pixels; {_LOWER}"
    ),
    Meaning(
        "val/pck", "Share of points within 5% of the longer side of their image", f"{_SHARE}; {_HIGHER}",
        "", "Yang and Ramanan 2013, of the image in place of a box", also=("pck",),
    ),
    Meaning(
        "val/done_average_precision", "Area under precision over recall of the done signal: how well done samples are"
        " ranked before others, whatever the threshold", f"{_SHARE}; {_HIGHER}",
        "the share of done samples, 0.045 of one in 22: baseline/done_average_precision_base_rate",
        also=("done average precision", "done auprc"),
    ),
    Meaning(
        "val/done_f1", "Harmonic mean of precision and recall of done at probability one half", f"{_SHARE}; {_HIGHER}",
        "always done scores 2p / (1 + p) of a share p: baseline/done_f1_always_done",
    ),
    Meaning(
        "val/done_calibration_error", "Mean distance of predicted probability and share of done, over equal bins,"
        " weighted by their samples", f"{_SHARE}; {_LOWER}", "", "expected calibration error, Naeini et al. 2015",
    ),
    Meaning(
        "val/done_highest", "The highest predicted done of any sample: below one half it never fires", _SHARE,
    ),
    Meaning(
        "val/count_mae", "Mean distance of predicted and true count", f"0 and more, in objects; {_LOWER}",
        "always the mean count: baseline/count_mae_mean_count", also=("count mae",),
    ),
    Meaning(
        "val/count_rmse", "Root of the mean squared distance of counts; a few crowded images decide it",
        f"0 and more, in objects; {_LOWER}", also=("count rmse",),
    ),
    Meaning(
        "val/count_nae", "Mean distance of counts over the true count", f"0 and more; {_LOWER}", also=("count nae",)
    ),
    Meaning(
        "slots/cosine", "Mean cosine between the slots of one image, over all pairs", "−1/(K−1) to 1 for K slots",
        "0.99 is normal until slots part; random directions of 64 numbers spread by 0.125",
        also=("slot cosine", "slot similarity", "slots similarity"),
    ),
    Meaning(
        "slots/cosine_centred", "Mean cosine between the slots of one image after the mean slot of the data was taken"
        " off: slots share a large mean that makes all look alike", "−1 to 1", "about −1/(K−1) where slots differ",
    ),
    Meaning(
        "slots/mask_entropy", "Entropy of the masks at a pixel over that of uniform ones, −Σ m ln m / ln K, mean over"
        " pixels: 1 is every slot everywhere, 0 is one slot for each pixel", _SHARE,
        "1 on the first plateau; it need not fall steadily in a healthy run", also=("mask entropy",),
    ),
    Meaning(
        "slots/active", "Slots that win at least 1% of the pixels, or of the cells of a grid",
        "0 to the number of slots",
        "objects and the ground; for grids baseline/slots_active_colours", also=("active slots", "slots active"),
    ),
    Meaning(
        "slots/effective_rank", "Exponential of the entropy of the singular values of an image's slots: how many"
        " directions they take up", "1 to the number of slots", "1 where all slots are one", "Roy and Vetterli 2007",
    ),
    Meaning(
        "slots/attention_axis_error", "Farthest that attention is from summing to 1 over slots at any position",
        "0 and more", "above rounding, the softmax runs over another axis: slots do not compete",
    ),
    Meaning(
        "slots/update_norm", "Mean length of what attention brings to a slot", "0 and more",
        "30 to 70 where weights sum over slots in place of positions, below 1 where they are means",
    ),
    Meaning(
        "sparsity/", "Share of the values of a layer that are zero: exactly 0 after a ReLU; |a| < 0.01 after an"
        " activation that has no exact 0, as LeakyReLU and GELU. It says nothing of dead channels", _SHARE,
        "what the activation gives on normal inputs, half for ReLU: baseline/sparsity_<layer>",
    ),
    Meaning(
        "sparsity_padded/", "The same over all cells of the padded canvas, as others log it; padding counts as silence",
        _SHARE, "sparsity/<layer>, of the grid's own cells",
    ),
    Meaning(
        "dead_channels/", "Share of the channels of a layer that are exactly 0 at every place of every sample; after an"
        " activation that has no exact 0 look at dormant channels", f"{_SHARE}; {_LOWER}",
        "0; of n samples, a channel that never fired fires on fewer than 3/n at 95%", "Lu et al. 2020",
        also=("dead channels", "dead neurons", "dead units"),
    ),
    Meaning(
        "dormant_channels/", "Share of the channels of a layer whose mean |a| is at most 0.025 of the layer's, the dead"
        " left out", f"{_SHARE}; {_LOWER}", "0", "Sokar et al. 2023",
    ),
    Meaning(
        "channel_entropy/", "How evenly the channels of a layer fire over a grid's own cells: entropy of the map over"
        " that of an even one, 1 alike everywhere to 0 in one cell", _SHARE,
        "unlike a plain entropy it does not depend on the size of the grid",
    ),
    Meaning(
        "spread/", "Standard deviation of an answer (x, y or done) over the samples of a batch", "0 and more",
        "0 is one answer for every sample",
    ),
    Meaning(
        "saturation/", "Share of coordinates at the end of their range, where no gradient passes: |tanh| above 0.99, or"
        " at the clamp", f"{_SHARE}; {_LOWER}", "0 where coordinates are not bounded",
    ),
    Meaning(
        "balance/", "Share of samples of a batch's images that are done, over many epochs", _SHARE,
        "one in N + 1 where steps are drawn from 0 to N",
    ),
    Meaning(
        "baseline/", "What an answer scores that has learnt nothing, on the same held-out samples",
        "that of the score it is named after", "a score below its baseline means nothing",
    ),
    Meaning("time/step_s", "Time of one step, in seconds", f"above 0; {_LOWER}"),
    Meaning("time/samples_per_s", "Samples a second", f"above 0; {_HIGHER}"),
    Meaning("memory/peak_bytes", "The most memory held: of the GPU, or of the process without one", "above 0"),
)  # fmt: skip


def meaning_of(name: str) -> Meaning | None:
    """What is said of the metric of that name, ours or another program's; None where nothing is."""
    return _OWN.get(name) or _of_each(name) or _of_another(name)


def told(meaning: Meaning) -> str:
    """A meaning as a few lines, for tips."""
    span, baseline = tr(meaning.span), tr(meaning.baseline)
    lines = (
        tr(meaning.text),
        tr("Range: {range}").format(range=span) if span else "",
        tr("Baseline: {baseline}").format(baseline=baseline) if baseline else "",
    )
    return "\n".join(line for line in lines if line)


def tip_of(name: str) -> str:
    """What a tip says of a metric, a few lines; empty where nothing is said."""
    meaning = meaning_of(name)
    return told(meaning) if meaning else ""


def metric_text(name: str, value: float) -> str:
    """A value of a metric: `12.2 px` of an error in pixels, of any other three significant digits."""
    return pixels_text(value) if "pixel_error" in name else number_text(value, 3)


_OWN = {meaning.name: meaning for meaning in MEANINGS}
_ATTENTION = "_attention"
_WEIGHTED = "_weighted"


def _of_each(name: str) -> Meaning | None:
    """That of a layer, group, module or term; a score of attention masks is that score."""
    if name.endswith(_ATTENTION):
        return _OWN.get(name.removesuffix(_ATTENTION))
    if name.endswith(_WEIGHTED):
        return None
    first = name.partition("/")[0]
    return _OWN.get(f"{first}/") or (_OWN.get(f"{first}/loss_") if name.startswith(f"{first}/loss_") else None)


@cache
def _other_names() -> tuple[tuple[frozenset[str], Meaning], ...]:
    """Words that tell a metric, the most telling first."""
    found = [(frozenset(words(text)), meaning) for meaning in MEANINGS for text in meaning.also]
    return tuple(sorted(found, key=lambda pair: -len(pair[0])))


def _of_another(name: str) -> Meaning | None:
    held = frozenset(words(name))
    if "loss" in held:  # a loss on a quantity is not that quantity
        return None
    return next((meaning for named, meaning in _other_names() if named <= held), None)
