"""Activations of someone's own model as a dump: hooks on its modules, and what the script tells of its samples."""

from __future__ import annotations

import platform
import queue
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, ExitStack, contextmanager
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import torch
from torch import nn

from inspector.core.errors import UsageError
from inspector.formats import dump
from inspector.formats.nonfinite import to_json
from inspector.training.dump_writer import dump_file
from inspector.training.given_values import all_taken
from inspector.training.recorded_batches import Batch, RecordedBatches, Tapped
from inspector.training.taps import (
    Catch,
    Tap,
    Taps,
    chosen,
    is_compiled,
    named_modules,
    rows_of,
    tap_attention,
    tap_layer,
)

CONFIG = "config"
"""What of `about` is kept as text of its own."""

_MODEL = "model"
"""What a model itself is called among its modules."""

_WAITING = 2
"""Batches that wait to be written while the next one runs; more, and the model waits."""


class ActivationRecorder:
    """Writes a dump of what a model's modules give while the block runs.

    The dump takes its place when the block ends well, and leaves nothing when it raises. The hooks are gone in either
    case. Values are copied when they arise, and packed and written by a thread of its own.

    ```
    with ActivationRecorder("dump.h5", model, layers=["encoder.*"], attention={"slots": lambda out: out[1]}) as record:
        for images, masks in loader:
            output = model(images)
            record.add(image=images, gt_masks=masks, recon=output.image, loss=output.losses)
    ```

    Args:
        path: the file, replaced if it is there.
        model: of any kind; a name in a pattern is the user's own, without `module.` or `_orig_mod.` of a wrapper.
        layers: modules whose values are kept, by patterns of names (`*` a part, `**` any), or patterns with a `Tap`.
        attention: the same of modules that give attention: each `torch.nn.MultiheadAttention` is asked for the weights
            of its heads, of another one a `Tap` or a function says what they are.
        values: a `Tap` for what `add` is handed, by name: its layout and attributes.
        keep_samples: how many samples are kept whole, None for all; the statistics of layers are of all.
        half: maps are kept in half precision, for half the bytes; statistics are counted before.
        about: attributes of the file (`run_id`, `step`, `epoch`, `split`, ...); `config` is the model's settings.

    Raises:
        UsageError: a pattern matches no module, on entering.
        OSError: the file cannot be written.
    """

    def __init__(
        self,
        path: str | Path,
        model: nn.Module,
        *,
        layers: Taps = (),
        attention: Taps = (),
        values: Mapping[str, Tap] | None = None,
        keep_samples: int | None = None,
        half: bool = False,
        about: Mapping[str, Any] | None = None,
    ) -> None:
        self._path = Path(path)
        self._model = model
        self._layers, self._attention, self._values = layers, attention, dict(values or {})
        self._keep, self._half = keep_samples, half
        self._about = dict(about or {})
        self._caught = Catch()
        self._attended = Catch()
        self._batches: RecordedBatches | None = None
        self._beside: _Beside | None = None
        self._names: frozenset[str] | None = None
        self._context: AbstractContextManager[None] | None = None

    def __enter__(self) -> Self:
        self._context = self._recording()
        self._context.__enter__()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> bool | None:
        assert self._context is not None
        return self._context.__exit__(kind, error, trace)

    @property
    def notes(self) -> tuple[str, ...]:
        """What was left out of the dump, one sentence each."""
        refused = {**self._caught.refused, **self._attended.refused}
        return tuple((refused | (self._batches.refused if self._batches else {})).values())

    def add(self, **values: Any) -> None:
        """Tell of the samples that have just run; every batch is told of by the same names.

        Args:
            values: arrays or tensors, samples first. Known names are `image`, `recon` (pictures), `gt_masks` (label map
                or a mask each), `masks` (of slots), `attention`, `slots`, `gt_points`, `pred_points` and
                `marked_points` (a list of x and y for each sample), `pred_confidence` (a number for each predicted
                point), `gt_done`, `pred_done`, `gt_count`, `pred_count`, `sequence_step`, `index`, `key`, `valid_hw`,
                `original_hw`, `affine`. Any other name is a number, a text or a few numbers for each sample.

        Raises:
            UsageError: values are of another count than the samples, or of other names than before.
            OSError: an earlier batch could not be written.
        """
        if self._beside is None or self._batches is None:
            raise UsageError("add() is called within the block of a recorder, after the model has run")
        given = all_taken(values)
        layers, attention = self._caught.take(), self._attended.take()
        lengths = {name: len(one) for name, one in given.items()}
        caught = [rows_of(devices) for devices in (*layers.values(), *attention.values())]
        count = lengths.get("image", next(iter(lengths.values()), max(set(caught), key=caught.count) if caught else 0))
        wrong = next((name for name, length in lengths.items() if length != count), None)
        if wrong is not None:
            raise UsageError(
                f"{wrong}: expected {count:,} samples as in the rest of the batch, found {lengths[wrong]:,}"
            )
        if not count:
            raise UsageError("there are no samples; call add() after the model has run")
        names = frozenset(given)
        if self._names is not None and names != self._names:
            odd = ", ".join(sorted(names ^ self._names))
            raise UsageError(f"{odd}: told of some batches and not of others; call add() once after each forward pass")
        self._names = names
        batches, batch = self._batches, Batch(count, layers, attention, given)
        self._beside.put(lambda: batches.write(batch))

    @contextmanager
    def _recording(self) -> Iterator[None]:
        self._caught, self._attended, self._names = Catch(), Catch(), None
        layers, attention = self._tapped(self._layers), self._tapped(self._attention)
        about = {**_about(self._model), **{name: value for name, value in self._about.items() if name != CONFIG}}
        with dump_file(self._path, about) as writer:
            if CONFIG in self._about:
                writer.put_text(dump.CONFIG, to_json(self._about[CONFIG]).decode())
            self._batches = RecordedBatches(
                writer, layers, attention, values=self._values, keep_samples=self._keep, half=self._half
            )
            with _Beside() as self._beside, self._hooked(layers, attention):
                yield
                self._add_caught()
            self._beside = None
            self._batches.refused = {**self._caught.refused, **self._attended.refused, **self._batches.refused}
            self._batches.finish()

    def _tapped(self, taps: Taps) -> dict[str, Tapped]:
        modules = named_modules(self._model)
        return {name or _MODEL: Tapped(modules[name], tap) for name, tap in chosen(self._model, taps).items()}

    @contextmanager
    def _hooked(self, layers: Mapping[str, Tapped], attention: Mapping[str, Tapped]) -> Iterator[None]:
        with ExitStack() as stack:
            if is_compiled(self._model):
                # What is compiled already passes by hooks that come later.
                stack.enter_context(torch.compiler.set_stance("force_eager"))
            outermost = self._model
            while type(outermost).__name__ == "OptimizedModule":
                outermost = outermost._orig_mod  # type: ignore[assignment]  # noqa: SLF001 - where torch keeps it
            stack.callback(outermost.register_forward_pre_hook(self._before_forward).remove)
            for name, tapped in layers.items():
                for handle in tap_layer(tapped.module, name, tapped.tap, self._caught):
                    stack.callback(handle.remove)
            for name, tapped in attention.items():
                for handle in tap_attention(tapped.module, name, tapped.tap, self._attended):
                    stack.callback(handle.remove)
            yield

    def _before_forward(self, _model: nn.Module, _inputs: Any) -> None:
        self._add_caught()

    def _add_caught(self) -> None:
        """Write what was caught and not told of."""
        if self._caught or self._attended:
            self.add()


class _Beside:
    """Work done in its order by one thread; it holds the caller up when much of it waits."""

    def __init__(self) -> None:
        self._queue: queue.Queue[Callable[[], None] | None] = queue.Queue(_WAITING)
        self._failure: BaseException | None = None
        self._abandoned = False
        self._thread = threading.Thread(target=self._work, name="recorder", daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, *_raised: object) -> None:
        self._abandoned = kind is not None
        self._queue.put(None)
        self._thread.join()
        if kind is None and self._failure is not None:
            raise self._failure

    def put(self, work: Callable[[], None]) -> None:
        """Have some work done.

        Raises:
            BaseException: whatever earlier work raised.
        """
        if self._failure is not None:
            raise self._failure
        self._queue.put(work)

    def _work(self) -> None:
        while (work := self._queue.get()) is not None:
            if self._failure is None and not self._abandoned:
                try:
                    work()
                except BaseException as error:  # noqa: BLE001 - raised again in the thread that asked
                    self._failure = error


def _about(model: nn.Module) -> dict[str, Any]:
    """Where and when a dump is made."""
    weight = next(model.parameters(), None)
    return {
        "created_utc": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()),
        "torch": str(torch.__version__),
        "python": platform.python_version(),
        "device": "cpu" if weight is None else str(weight.device),
        "dtype_compute": "float32" if weight is None else str(weight.dtype).removeprefix("torch."),
        "model_class": type(next(iter(named_modules(model).values()))).__name__,
    }
