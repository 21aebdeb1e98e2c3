"""Every benchmark by name."""

from __future__ import annotations

import compileall
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable
from dataclasses import replace
from functools import cache
from pathlib import Path

import inspector
from tests.benchmarks import console_files, dumps, points_gallery, samples_shown, table_files, wandb_files
from tests.benchmarks import first_window as windows
from tests.benchmarks.checkpoints import make_checkpoint
from tests.benchmarks.event_files import make_event_file
from tests.benchmarks.harness import Ratio, side_by_side
from tests.benchmarks.peers import python_with

_PEER_LISTING = """
import sys, torch
def walk(value):
    if isinstance(value, torch.Tensor):
        yield tuple(value.shape), str(value.dtype)
    elif isinstance(value, dict):
        for item in value.values():
            yield from walk(item)
print(len(list(walk(torch.load(sys.argv[1], mmap=True, weights_only=True)))))
"""

_SMALL_MATRIX, _LARGE_MATRIX = 10 * 1024, 819 * 1024


@cache
def _checkpoint(matrix_elements: int) -> tuple[Path, tempfile.TemporaryDirectory[str]]:
    """A training checkpoint of 2,560 tensors, and the folder that is removed with this process."""
    folder = tempfile.TemporaryDirectory()
    path = Path(folder.name) / "checkpoint.pt"
    make_checkpoint(path, matrix_elements=matrix_elements)
    return path, folder


def _listing(name: str, matrix_elements: int) -> Ratio:
    path = str(_checkpoint(matrix_elements)[0])
    ours = [sys.executable, "-I", "-m", "inspector", "info", path, "--json"]
    return side_by_side(name, ours, [sys.executable, "-c", _PEER_LISTING, path], "<= 0.067, 80 MB")


def listing() -> Ratio:
    """List a training checkpoint of 2,560 tensors in 40 MB, process start to answer."""
    return _listing("list 2,560 tensors, 40 MB", _SMALL_MATRIX)


def listing_large() -> Ratio:
    """The same of 3 GB."""
    return _listing("list 2,560 tensors, 3 GB", _LARGE_MATRIX)


def _statistics(histogram: str, wanted: str) -> Ratio:
    path = _checkpoint(_LARGE_MATRIX)[0]

    def way(name: str) -> list[str]:
        return [sys.executable, "-m", "tests.benchmarks.statistics", str(path), name]

    ratio = side_by_side(
        f"statistics of 3 GB{histogram}", way(f"ours{histogram}"), way(f"numpy{histogram}"), wanted, 3, told=True
    )
    read = side_by_side("", way("read"), way("read"), "", 1, told=True)
    size = path.stat().st_size / 1e9
    speeds = " GB/s, ".join(
        f"{who} {size / seconds:.2f}"
        for who, seconds in (("ours", ratio.ours_s), ("numpy", ratio.peer_s), ("one read", read.ours_s))
    )
    note = f"{speeds} GB/s, load {os.getloadavg()[0]:.1f}"
    return replace(ratio, note=note, size_bytes=path.stat().st_size)


def tensor_statistics() -> Ratio:
    """Count, zeros, not finite, extremes, mean, std and norm of every tensor, against numpy over whole tensors."""
    return _statistics("", "<= 0.2, >= 2 GB/s")


def tensor_statistics_histogram() -> Ratio:
    """The same with a histogram of each."""
    return _statistics(" with histogram", "<= 0.2, >= 1.2 GB/s")


def _panning(name: str, curves: int, points: int, peer: str, wanted: str, runs: int = 5) -> Ratio:
    def way(who: str) -> list[str]:
        return [sys.executable, "-m", "tests.benchmarks.panning", who, str(curves), str(points)]

    ratio = side_by_side(name, way("ours"), way(peer), wanted, runs, told=True)
    return replace(ratio, note=f"CPU of a frame, load {os.getloadavg()[0]:.1f}")


def pan_one_curve() -> Ratio:
    """A frame while one curve of 10 M points is panned, against pyqtgraph with peak downsampling and clipping."""
    return _panning("pan 1 x 10 M, tuned", 1, 10_000_000, "tuned", "<= 0.35")


def pan_fifty_curves() -> Ratio:
    """The same with 50 curves of 200 k points."""
    return _panning("pan 50 x 200 k, tuned", 50, 200_000, "tuned", "<= 0.2")


def pan_fifty_curves_plain() -> Ratio:
    """The same against pyqtgraph as it comes."""
    return _panning("pan 50 x 200 k, plain", 50, 200_000, "plain", "", 3)


@cache
def _event_file(points: int, *, shuffled: bool = False) -> tuple[Path, tempfile.TemporaryDirectory[str]]:
    """An event file with so many scalars under 20 tags, and the folder that is removed with this process."""
    folder = tempfile.TemporaryDirectory()
    path = Path(folder.name) / "events.out.tfevents.1700000000.host"
    make_event_file(path, points, shuffled=shuffled)
    return path, folder


def _event_files(peer: str, points: int, wanted: str, runs: int, *, shuffled: bool = False) -> Ratio:
    path = _event_file(points, shuffled=shuffled)[0]

    def way(name: str) -> list[str]:
        return [sys.executable, "-m", "tests.benchmarks.event_files", str(path), name]

    order = ", shuffled" if shuffled else ""
    ratio = side_by_side(f"{points:,} scalars{order}, {peer}", way("ours"), way(peer), wanted, runs, told=True)
    return replace(ratio, note=f"CPU seconds, load {os.getloadavg()[0]:.1f}")


def event_files_read() -> Ratio:
    """10 M scalars out of an event file, against one read of its bytes."""
    return _event_files("read", 10_000_000, "<= 8", 5)


def event_files_shuffled() -> Ratio:
    """The same where the tags come in another order at every step."""
    return _event_files("read", 10_000_000, "", 3, shuffled=True)


def event_files_server() -> Ratio:
    """The same against TensorBoard's data server in Rust, which keeps all points."""
    return _event_files("server", 10_000_000, "<= 0.35", 3)


def event_files_accumulator() -> Ratio:
    """A twentieth of it against TensorBoard's EventAccumulator without limits, which takes as long for each point."""
    return _event_files("accumulator", 500_000, "<= 0.025", 1)


def wandb_history() -> Ratio:
    """100 k rows of 10 numbers of a `.wandb` file, CPU seconds, against W&B's own DataStore and protobuf."""
    with tempfile.TemporaryDirectory() as folder:
        path = str(Path(folder) / "run.wandb")
        ours = [sys.executable, "-m", "tests.benchmarks.wandb_files", path]
        subprocess.run([*ours, "100000"], check=True)
        peer = [python_with("wandb==0.19.11"), "-c", wandb_files.PEER, path]
        ratio = side_by_side("100 k rows of .wandb", ours, peer, "<= 0.25", 3, told=True)
    return replace(ratio, note=f"CPU seconds, load {os.getloadavg()[0]:.1f}")


def _table_file(name: str, peer: str, wanted: str) -> Ratio:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / name
        table_files.make(path, 1_000_000)

        def way(which: str) -> list[str]:
            return [sys.executable, "-m", "tests.benchmarks.table_files", str(path), which]

        ratio = side_by_side(f"1 M records, {path.suffix}", way("ours"), way(peer), wanted, 3, told=True)
        size = path.stat().st_size / 1e6
    return replace(ratio, note=f"CPU seconds, {size:.0f} MB, load {os.getloadavg()[0]:.1f}")


def csv_table() -> Ratio:
    """A sparse table of 1 M rows and 12 columns, CPU seconds, against the csv module in chunks."""
    return _table_file("metrics.csv", "csv", "<= 0.333")


def jsonl_records() -> Ratio:
    """1 M records of JSON Lines, CPU seconds, against the json module line by line."""
    return _table_file("metrics.jsonl", "json", "<= 0.5")


def _console(make: Callable[[Path, int], None], lines: int, ending: str, title: str, wanted: str) -> Ratio:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "train.log"
        make(path, lines)

        def way(which: str) -> list[str]:
            return [sys.executable, "-m", "tests.benchmarks.console_files", str(path), f"{which}{ending}"]

        ratio = side_by_side(title, way("ours"), way("re"), wanted, 3, told=True)
    return replace(ratio, note=f"CPU seconds, load {os.getloadavg()[0]:.1f}")


def console_lines() -> Ratio:
    """1 M lines of a console log, CPU seconds, against the re module line by line."""
    return _console(console_files.make, 1_000_000, "", "1 M lines, console", "<= 0.5")


def console_mixed_lines() -> Ratio:
    """300 k lines of 40 shapes in any order, coloured and behind progress bars, against re line by line."""
    return _console(console_files.make_mixed, 300_000, "-mixed", "300 k mixed lines, console", "")


def _scan(storage: str, way: str, wanted: str) -> Ratio:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "dump.h5"
        dumps.make_layer(path, 1000, storage)

        def command(which: str) -> list[str]:
            return [sys.executable, "-m", "tests.benchmarks.dumps", which, str(path)]

        ratio = side_by_side(f"{way} of a layer, {storage}", command(way), command("h5py"), wanted, told=True)
    return replace(ratio, note=f"262 MB decoded, load {os.getloadavg()[0]:.1f}")


def sparsity_gzip() -> Ratio:
    """The share of near-zero values of each channel of a layer packed with gzip, against a loop over h5py."""
    return _scan("gzip", "sparsity", "<= 0.3")


def sparsity_shuffled() -> Ratio:
    """The same of one that is shuffled too."""
    return _scan("shuffled", "sparsity", "<= 0.3")


def sparsity_flat() -> Ratio:
    """The same of one that is not packed."""
    return _scan("flat", "sparsity", "<= 1")


def layer_statistics() -> Ratio:
    """All that the Features view is made of, against h5py's loop for the share of zeros alone."""
    return _scan("gzip", "statistics", "")


@cache
def _samples_file(total_bytes: int, side: int) -> tuple[Path, tempfile.TemporaryDirectory[str]]:
    """A dump of samples, and the folder that is removed with this process."""
    folder = tempfile.TemporaryDirectory()
    path = Path(folder.name) / "dump.h5"
    dumps.make_samples(path, total_bytes, side)
    return path, folder


def _sample_steps(state: str, wanted: str) -> Ratio:
    path = str(_samples_file(4 * 10**9, 256)[0])

    def way(who: str) -> list[str]:
        return [sys.executable, "-m", "tests.benchmarks.dumps", "p95", path, who, state, "1000", "20"]

    ratio = side_by_side(f"1,000 samples of 4 GB, {state}", way("ours"), way("h5py"), wanted, 1, told=True)
    return replace(ratio, note=f"p95 of a step, 20 ms between two, load {os.getloadavg()[0]:.1f}")


def sample_steps_cold() -> Ratio:
    """A step to the next sample of a dump packed with gzip and shuffle of which nothing is in memory."""
    return _sample_steps("cold", "<= 0.050 s")


def sample_steps_warm() -> Ratio:
    """The same with all of it in memory."""
    return _sample_steps("warm", "<= 0.016 s")


def _sample_shown(name: str, way: str, wanted: str) -> Ratio:
    path = str(_samples_file(30 * 10**6, 128)[0])
    ours = [sys.executable, "-m", "tests.benchmarks.samples_shown", way, path]
    # -P: the folder of the script has modules that are named as those of the standard library.
    script = str(Path(samples_shown.__file__))
    peer = [python_with("matplotlib==3.10.1", "h5py", "numpy"), "-P", script, "figure", path]
    ratio = side_by_side(name, ours, peer, wanted, 3, told=True)
    return replace(ratio, note=f"CPU seconds, load {os.getloadavg()[0]:.1f}")


def next_sample() -> Ratio:
    """The next sample with 12 masks in the Slots tab, against a matplotlib figure of the same panels that is kept."""
    return _sample_shown("next sample, 12 masks", "slots", "<= 0.067")


def any_sample() -> Ratio:
    """The same of a sample that was not foreseen, so that it is read and prepared only then."""
    return _sample_shown("any sample, 12 masks", "jumps", "")


def gallery_scroll() -> Ratio:
    """A notch of the wheel over a gallery of 20,000 samples, against Qt's list with a delegate that keeps pixmaps."""

    def way(which: str) -> list[str]:
        return [sys.executable, "-m", "tests.benchmarks.samples_shown", which]

    ratio = side_by_side("scroll a gallery of 20,000", way("gallery"), way("list"), "<= 1.5", told=True)
    return replace(ratio, note=f"CPU seconds of a notch, load {os.getloadavg()[0]:.1f}")


def _points_gallery(name: str, way: str, wanted: str) -> Ratio:
    path = str(points_gallery.points_file())

    def command(which: str) -> list[str]:
        return [sys.executable, "-m", "tests.benchmarks.points_gallery", which, path]

    ratio = side_by_side(name, command(way), command("h5py"), wanted, 3, told=True)
    return replace(ratio, note=f"h5py has no window, load {os.getloadavg()[0]:.1f}")


def points_gallery_cold() -> Ratio:
    """The first picture of the Points view of 50,000 large samples, nothing of which is in memory."""
    return _points_gallery("first of 50,000 points, cold", "cold", "<= 1 s")


def points_gallery_warm() -> Ratio:
    """The same with all that fits in memory."""
    return _points_gallery("first of 50,000 points, warm", "warm", "<= 1 s")


def points_gallery_sort() -> Ratio:
    """The same samples in another order, until all tiles on the screen are painted."""
    return _points_gallery("50,000 points sorted", "sort", "<= 0.2 s")


@cache
def _home(_of: str) -> tempfile.TemporaryDirectory[str]:
    """Where programs keep their settings from start to start: what one benchmark opened, no other opens again."""
    compileall.compile_dir(Path(inspector.__file__).parent, quiet=1)  # as an installation does
    return tempfile.TemporaryDirectory()


def _first_window(name: str, peer: list[str], wanted: str) -> Ratio:
    way = [sys.executable, "-m", "tests.benchmarks.first_window", _home("window").name]
    ours = [*way, sys.executable, "-I", "-m", "inspector"]
    ratio = side_by_side(name, ours, [*way, *peer], wanted, 7, told=True)
    return replace(ratio, note=f"on a screen of its own, load {os.getloadavg()[0]:.1f}")


def first_window() -> Ratio:
    """The first painted window, from the program's start, against one of PySide6 with nothing in it."""
    return _first_window("first window, bare", [sys.executable, "-c", windows.BARE], "<= 0.5 s")


def first_window_silx() -> Ratio:
    """The same against silx view."""
    silx = python_with("silx[full]==3.1.3", "PySide6-Essentials==6.11.3", "PySide6-Addons==6.11.3")
    return _first_window("first window, silx view", [silx, "-m", "silx", "view"], "<= 0.5")


def first_window_napari() -> Ratio:
    """The same against napari."""
    napari = python_with("napari[pyqt6]==0.9.2")
    return _first_window("first window, napari", [napari, "-m", "napari"], "<= 0.5")


def first_picture() -> Ratio:
    """The bundled run's first picture, from the first painted window that opens it, beside a bare window's start."""
    way = [sys.executable, "-m", "tests.benchmarks.first_window", _home("picture").name]
    ratio = side_by_side(
        "first picture, sample run", way, [*way, sys.executable, "-c", windows.BARE], "<= 0.5 s", 7, told=True
    )
    return replace(ratio, note=f"after the first window, load {os.getloadavg()[0]:.1f}")


def _training_step(model: str, wanted: str) -> Ratio:
    way = [sys.executable, "-m", "tests.benchmarks.training_step", model]
    pairs = json.loads(subprocess.run(way, check=True, capture_output=True, text=True).stdout.splitlines()[-1])
    note = f"CPU seconds of a step, load {os.getloadavg()[0]:.1f}"
    return Ratio(f"training step, {model}", tuple((ours, plain) for plain, ours in pairs), 0, wanted, note)


def training_step_overhead() -> Ratio:
    """A step of next to no work under the trainer, logging as by default, against the same in a plain loop."""
    return _training_step("micro", "+ 0.15 ms at most")


def training_step() -> Ratio:
    """The same of a step of more than 10 ms."""
    return _training_step("small", "<= 1.02")


BENCHMARKS: dict[str, Callable[[], Ratio]] = {
    "listing": listing,
    "listing_large": listing_large,
    "tensor_statistics": tensor_statistics,
    "tensor_statistics_histogram": tensor_statistics_histogram,
    "pan_one_curve": pan_one_curve,
    "pan_fifty_curves": pan_fifty_curves,
    "pan_fifty_curves_plain": pan_fifty_curves_plain,
    "event_files_read": event_files_read,
    "event_files_shuffled": event_files_shuffled,
    "event_files_server": event_files_server,
    "event_files_accumulator": event_files_accumulator,
    "wandb_history": wandb_history,
    "csv_table": csv_table,
    "jsonl_records": jsonl_records,
    "console_lines": console_lines,
    "console_mixed_lines": console_mixed_lines,
    "sparsity_gzip": sparsity_gzip,
    "sparsity_shuffled": sparsity_shuffled,
    "sparsity_flat": sparsity_flat,
    "layer_statistics": layer_statistics,
    "sample_steps_cold": sample_steps_cold,
    "sample_steps_warm": sample_steps_warm,
    "next_sample": next_sample,
    "any_sample": any_sample,
    "gallery_scroll": gallery_scroll,
    "points_gallery_cold": points_gallery_cold,
    "points_gallery_warm": points_gallery_warm,
    "points_gallery_sort": points_gallery_sort,
    "first_window": first_window,
    "first_window_silx": first_window_silx,
    "first_window_napari": first_window_napari,
    "first_picture": first_picture,
    "training_step_overhead": training_step_overhead,
    "training_step": training_step,
}
