"""What `nvidia-smi` logs beside a training: how busy each GPU was, its memory, its power.

Write it:  nvidia-smi --query-gpu=timestamp,index,utilization.gpu,memory.used,power.draw --format=csv -l 5 -f gpu.csv
"""

from datetime import datetime
from pathlib import Path

from inspector.artifacts.logs.lines import WholeLines
from inspector.artifacts.logs.log_reader import LogReader
from inspector.artifacts.logs.series_table import SeriesTable
from inspector.artifacts.logs.tally import Reason, Tally
from inspector.formats.series import SeriesSet

CONTAINER = "nvidia-smi"
TIMESTAMP, GPU = "timestamp", "index"
TIME_FORMAT = "%Y/%m/%d %H:%M:%S.%f"

BAD_LINE = Reason(
    "line {where} does not fit the header and was left out",
    "{count} lines do not fit the header and were left out, the first is line {where}",
)


class GpuParser:
    """Takes the file in pieces as it grows: a parser remembers how far it is, so a log is only read on."""

    def __init__(self) -> None:
        self.lines = WholeLines()
        self.names: list[str] = []
        self.table = SeriesTable()
        self.damage = Tally()

    def take(self, data: bytes) -> None:
        first, lines = self.lines.take(data)
        for number, line in enumerate(lines, first):
            cells = [cell.strip() for cell in line.decode("utf-8", "replace").split(",")]
            if cells[0] == TIMESTAMP:  # also where the logger was started again
                self.names = cells
            elif cells != [""]:
                self.take_row(number, cells)

    def take_row(self, number: int, cells: list[str]) -> None:
        row = dict(zip(self.names, cells, strict=False))
        try:
            time = datetime.strptime(row[TIMESTAMP], TIME_FORMAT).astimezone()  # it tells the machine's own time
        except (KeyError, ValueError):
            self.damage.add(BAD_LINE, number)
            return
        record, self.table.records = self.table.records, self.table.records + 1
        self.table.put(TIMESTAMP, record, time.timestamp())
        for name, cell in row.items():
            value = number_of(cell)
            if value is not None and name not in (TIMESTAMP, GPU):
                self.table.put(f"{name}/gpu{row.get(GPU, '')}", record, value)

    def series(self, path: Path) -> SeriesSet:
        curves, notes = self.table.series()
        return SeriesSet(series=curves, notes=(*self.damage.texts(), *notes))


def number_of(cell: str) -> float | None:
    """`9120 MiB` is 9120; `[N/A]` is no number, and leaves no point."""
    try:
        return float(cell.split(maxsplit=1)[0])
    except (IndexError, ValueError):
        return None


reader = LogReader(CONTAINER, GpuParser)
series, facts = reader.series, reader.facts
