"""Event files as TensorBoard's own writer makes them."""

from __future__ import annotations

import io
from collections.abc import Iterable

from tensorboard.compat.proto import event_pb2, summary_pb2
from tensorboard.summary.writer.record_writer import RecordWriter

HEADER = event_pb2.Event(wall_time=1.7e9, file_version="brain.Event:2")


class _Sink(io.BytesIO):
    def close(self) -> None:
        """RecordWriter closes its file, its bytes are still wanted."""


def records_of(*contents: bytes) -> bytes:
    """Records that hold these bytes."""
    sink = _Sink()
    writer = RecordWriter(sink)
    for content in contents:
        writer.write(content)
    return sink.getvalue()


def framed(*events: event_pb2.Event) -> bytes:
    """Events as records."""
    return records_of(*(event.SerializeToString() for event in events))


def scalar_event(step: int, time: float, **values: float) -> event_pb2.Event:
    """One event with a scalar a name."""
    summary = summary_pb2.Summary(
        value=[summary_pb2.Summary.Value(tag=tag, simple_value=value) for tag, value in values.items()]
    )
    return event_pb2.Event(wall_time=time, step=step, summary=summary)


def event_file(points: Iterable[tuple[int, float, float]], tag: str = "loss", *, header: bool = True) -> bytes:
    """A file of one tag: (step, time, value) each; `header` is left out where bytes are appended to a file."""
    return framed(
        *([HEADER] if header else []), *(scalar_event(step, time, **{tag: value}) for step, time, value in points)
    )
