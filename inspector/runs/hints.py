"""The short text beside a file's name in the run tree."""

from __future__ import annotations

from inspector.core.language import tr, tr_counted, tr_many
from inspector.core.units import bytes_text, count_text
from inspector.formats.facts import (
    CheckpointFacts,
    ConsoleFacts,
    DumpFacts,
    Facts,
    MetricsFacts,
    OtherFacts,
    RunRecordFacts,
    SettingsFacts,
)
from inspector.formats.run_folder import RunRecord, Status
from inspector.runs.placing import place_text

_STATUSES: dict[Status, str] = {
    "running": tr("running"),
    "finished": tr("finished"),
    "stopped": tr("stopped"),
    "failed": tr("failed"),
}


def hint_of(facts: Facts, name: str, *, step: int | None, epoch: float | None, record: RunRecord | None) -> str:
    """`best`, `epoch 40`, `300 samples`, `9 metrics`, or why the file was left out."""
    match facts:
        case CheckpointFacts():
            named = [word for word, kept in _named(record) if kept == name]
            return " · ".join(named) or place_text(step, epoch) or tr_counted(len(facts.tensors), "tensor")
        case DumpFacts():
            if facts.samples is not None:
                return tr_counted(facts.samples, "sample")
            return tr_counted(len(facts.datasets), "dataset")
        case MetricsFacts():
            return tr_counted(len(facts.series), "metric")
        case ConsoleFacts():
            return tr_many("{count} line", "{count} lines", facts.lines).format(count=count_text(facts.lines))
        case SettingsFacts():
            return tr_counted(len(facts.values), "setting")
        case RunRecordFacts():
            return _STATUSES[facts.record.status]
        case OtherFacts(broken=True):
            return tr("not readable")
        case OtherFacts(pictures=pictures) if pictures:
            return tr_counted(pictures, "picture")
        case OtherFacts():
            return bytes_text(facts.bytes) if facts.bytes else tr("empty")


def _named(record: RunRecord | None) -> tuple[tuple[str, str | None], ...]:
    return ((tr("best"), record.best), (tr("last"), record.last)) if record else ()
