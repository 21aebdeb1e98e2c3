"""Train the bundled sample run again: `.venv/bin/python packaging/make_sample_run.py` (some minutes on one core).

It goes wrong on purpose: slots start almost alike and never separate, a rate that is far too high kills ReLU channels,
and the warm-up writes over the scheduler. The same versions of torch and numpy give the same run.
"""

from __future__ import annotations

import shutil
import sys
import tempfile
from pathlib import Path

import msgspec

from inspector.core.files import write_atomically
from inspector.formats.nonfinite import to_json
from inspector.formats.run_folder import RUN_FILE
from inspector.training.resume import read_record
from inspector.training.runs import NewRun, train

TARGET = Path(__file__).resolve().parent.parent / "resources" / "sample_run"
EPOCHS = 280
PRESET = "slots_sample"
LARGEST_BYTES = 5_000_000


def main() -> int:
    """Train, take out what tells of this machine, and put the run in its place."""
    with tempfile.TemporaryDirectory() as scratch:
        run = Path(scratch) / TARGET.name
        code = train(NewRun("slots", run, presets=(PRESET,), epochs=EPOCHS, device="cpu"))
        if code:
            return code
        command = ("run-inspector", "train", "slots", "--preset", PRESET, "--epochs", str(EPOCHS), "-o", TARGET.name)
        record = msgspec.structs.replace(read_record(run), host="sample", command=command)
        write_atomically(run / RUN_FILE, to_json(record, indent=2))
        size = sum(path.stat().st_size for path in run.rglob("*") if path.is_file())
        if size > LARGEST_BYTES:
            print(f"{size:,} bytes, more than {LARGEST_BYTES:,}; nothing was replaced", file=sys.stderr)
            return 1
        shutil.rmtree(TARGET, ignore_errors=True)
        shutil.copytree(run, TARGET)
    print(f"{TARGET}: {size:,} bytes")
    return 0


if __name__ == "__main__":
    sys.exit(main())
