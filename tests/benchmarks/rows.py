"""What must be how fast: every row of the table of speeds, and the benchmarks that measure it."""

from __future__ import annotations

import statistics
from collections.abc import Callable
from dataclasses import dataclass, field

from tests.benchmarks.harness import Ratio


@dataclass(frozen=True)
class Kind:
    """A figure out of a benchmark's pairs.

    Attributes:
        of: what is measured, of every pair.
        wanted: the words for a bound; `{}` stands for it.
        told: how a figure is written.
        is_least: whether the bound is the least that is wanted, and not the most.
        against: whether the seconds of both are told beside it, else those of a peer alone.
    """

    of: Callable[[Ratio], list[float]]
    wanted: str
    told: str
    is_least: bool = False
    against: bool = False


TIMES = Kind(lambda found: found.ratios, "at most {} its time", "{:.3f}", against=True)
SECONDS = Kind(lambda found: [ours for ours, _peer in found.pairs], "at most {} s", "{:.2f} s")
MEMORY = Kind(lambda found: [found.peak_mb], "at most {} MB", "{:.0f} MB")
SPEED = Kind(
    lambda found: [found.size_bytes / ours / 1e9 for ours, _peer in found.pairs],
    "at least {} GB/s", "{:.2f} GB/s", is_least=True,
)  # fmt: skip
MORE = Kind(
    lambda found: [1000 * (ours - peer) for ours, peer in found.pairs],
    "at most {} ms more", "{:.3f} ms", against=True,
)  # fmt: skip


@dataclass(frozen=True)
class Bound:
    """What one benchmark must show.

    Attributes:
        benchmark: its name in BENCHMARKS.
        peer: what stands beside it, or empty where the figure stands for itself.
        kind, value: the figure, and its bound.
    """

    benchmark: str
    peer: str
    kind: Kind
    value: float

    def wanted(self) -> str:
        """The bound in words; a part of one over a whole number is written as that."""
        if self.kind is not TIMES:
            return self.kind.wanted.format(f"{self.value:g}")
        parts = round(1 / self.value)
        part = f"1/{parts}" if abs(parts * self.value - 1) < 1e-9 else f"{self.value:g}"
        return self.kind.wanted.format(f"{self.value:g} times" if self.value >= 1 else f"{part} of")

    def figure(self, found: Ratio) -> float:
        """The median of the pairs."""
        return statistics.median(self.kind.of(found))

    def is_met(self, found: Ratio) -> bool:
        """Whether the median keeps the bound."""
        return self.figure(found) >= self.value if self.kind.is_least else self.figure(found) <= self.value


@dataclass(frozen=True)
class Row:
    """One kind of work.

    Attributes:
        is_wall: whether the wall clock is read, so that other work on the machine enters; else processor time is.
        shown_by: what is wanted besides and no figure, and the test that shows it.
    """

    work: str
    bounds: tuple[Bound, ...]
    is_wall: bool = False
    shown_by: tuple[str, str] = field(default=("", ""))


ROWS = (
    Row(
        "list a training checkpoint of 3 GB and 2,560 tensors, from the program's start to its end",
        (
            Bound("listing_large", "`torch.load(mmap=True, weights_only=True)`, a fresh process too", TIMES, 1 / 15),
            Bound("listing_large", "", MEMORY, 80),
        ),
        is_wall=True,
    ),
    Row(
        "statistics of all its tensors: zeros, not finite, extremes, mean, deviation, norm",
        (
            Bound("tensor_statistics", "numpy over whole tensors", TIMES, 1 / 5),
            Bound("tensor_statistics", "", SPEED, 2),
        ),
        is_wall=True,
    ),
    Row(
        "the same with a histogram of each",
        (
            Bound("tensor_statistics_histogram", "numpy over whole tensors", TIMES, 1 / 5),
            Bound("tensor_statistics_histogram", "", SPEED, 1.2),
        ),
        is_wall=True,
    ),
    Row(
        "10 M scalars of a TensorBoard event file to arrays",
        (
            Bound("event_files_accumulator", "TensorBoard's EventAccumulator, of 500,000 of them", TIMES, 1 / 40),
            Bound("event_files_server", "TensorBoard's data server in Rust", TIMES, 0.35),
            Bound("event_files_read", "one read of the bytes", TIMES, 8),
        ),
    ),
    Row(
        "history of a `.wandb` file, 10 numbers a row, 100,000 rows of the million wanted",
        (Bound("wandb_history", "DataStore and protobuf of wandb 0.19", TIMES, 1 / 4),),
    ),
    Row("1 M rows of CSV", (Bound("csv_table", "the `csv` module in chunks", TIMES, 1 / 3),)),
    Row("1 M records of JSON Lines", (Bound("jsonl_records", "the `json` module line by line", TIMES, 1 / 2),)),
    Row("1 M lines of a console log", (Bound("console_lines", "the `re` module line by line", TIMES, 1 / 2),)),
    Row(
        "sparsity of a layer of 262 MB in HDF5",
        (
            Bound("sparsity_gzip", "a loop over h5py, packed with gzip", TIMES, 0.3),
            Bound("sparsity_shuffled", "a loop over h5py, gzip and shuffle", TIMES, 0.3),
            Bound("sparsity_flat", "a loop over h5py, not packed", TIMES, 1),
        ),
        is_wall=True,
    ),
    Row(
        "a frame while one curve of 10 M points is panned",
        (Bound("pan_one_curve", "pyqtgraph, downsampled by peaks and clipped", TIMES, 0.35),),
        shown_by=("every spike of one sample drawn", "tests/views/test_plot.py"),
    ),
    Row(
        "the same of 50 curves of 200,000",
        (Bound("pan_fifty_curves", "pyqtgraph, downsampled by peaks and clipped", TIMES, 0.2),),
    ),
    Row(
        "the next sample with 12 masks",
        (Bound("next_sample", "matplotlib, a figure of the same panels that is kept", TIMES, 1 / 15),),
    ),
    Row(
        "a notch of the wheel over a gallery of 20,000",
        (Bound("gallery_scroll", "QListView, equal sizes, a delegate that keeps its pictures", TIMES, 1.5),),
    ),
    Row(
        "the first window, painted, from the program's start",
        (
            Bound("first_window", "a window of PySide6 with nothing in it", SECONDS, 0.5),
            Bound("first_window_silx", "silx view", TIMES, 0.5),
            Bound("first_window_napari", "napari", TIMES, 0.5),
        ),
        is_wall=True,
    ),
    Row("the sample run's first picture, after the window", (Bound("first_picture", "", SECONDS, 0.5),), is_wall=True),
    Row(
        "a training step of next to no work under the trainer, logging as by default",
        (Bound("training_step_overhead", "the same step in a plain loop of torch", MORE, 0.15),),
    ),
    Row(
        "the same of a step of more than 10 ms",
        (Bound("training_step", "the same step in a plain loop of torch", TIMES, 1.02),),
    ),
)


def measured_names() -> list[str]:
    """The benchmarks of all rows, each once."""
    return list(dict.fromkeys(bound.benchmark for row in ROWS for bound in row.bounds))
