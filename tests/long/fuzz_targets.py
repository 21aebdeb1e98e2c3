"""What every reader is tried with: one function a reader, from bytes to nothing, which raises where a promise breaks.

A refusal (`InspectorError`) is as good as an answer. Anything else that a reader raises breaks a promise, and so do
what it does outside its file, and what it takes of processor or memory for a few kilobytes.
"""

from __future__ import annotations

import codecs
import os
import resource
import shutil
import socket
import struct
import sys
import tempfile
import time
import traceback
import warnings
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from functools import cache
from pathlib import Path
from typing import Any

import msgspec
import numpy as np

from inspector.artifacts import packed_runs, photographs
from inspector.artifacts.byte_file import ByteFile, InnerFile, Memory
from inspector.artifacts.checkpoints import checkpoint
from inspector.artifacts.checkpoints.listing import Lister
from inspector.artifacts.checkpoints.verify import verify
from inspector.artifacts.clean.clean_copy import write_clean_copy
from inspector.artifacts.dumps import dump_file
from inspector.artifacts.dumps.chunk_filters import ChunkDamagedError, Pipeline, decoded
from inspector.artifacts.dumps.hdf5_root import root_attribute_names
from inspector.artifacts.dumps.hdf5_superblock import mended
from inspector.artifacts.dumps.png_pixels import png_pixels
from inspector.artifacts.facts import facts_of
from inspector.artifacts.identity import Identity
from inspector.artifacts.literals import LiteralError, literal
from inspector.artifacts.logs import crc32c, media
from inspector.artifacts.logs.logs import series_of
from inspector.artifacts.logs.run_events import events_of
from inspector.artifacts.opened_paths import lead_to
from inspector.artifacts.pickles import pickle_machine
from inspector.artifacts.settings.schema_file import schema_fields
from inspector.artifacts.sniff import container_of
from inspector.artifacts.tensors.windows import Storage
from inspector.core.errors import InspectorError
from inspector.core.notes import Notes
from inspector.core.pulse import QUIET, Progress
from inspector.diagnosis.values import Diagnosis
from inspector.formats import fleet_cache, scan_cache, summary_cache, triage
from inspector.formats.facts import CheckpointFacts, ConsoleFacts, DumpFacts, MetricsFacts
from inspector.formats.messages import ArrayDescriptor, arrays_in, decode
from inspector.formats.nonfinite import to_json
from inspector.formats.run_folder import RunRecord
from inspector.jobs.wire import Channel, arrays_of, socket_pair
from inspector.reader.answers import load_all
from inspector.runs.liveness import Logs, liveness_of
from inspector.runs.scan import scan
from inspector.runs.values import Run
from inspector.session.triage_store import load_triage
from inspector.training.control import Control
from tests.artifacts.packed import zip_of
from tests.artifacts.pickle_words import archive, pickled
from tests.artifacts.wandb_files import framed
from tests.artifacts.watched_child import HARMLESS, READ_ONLY, open_whole

Target = Callable[[bytes], None]

MOST_CPU_S = 1.0
"""For a few kilobytes; most take a millisecond. Where coverage is counted everything takes some times as long."""

_LOOKS = frozenset(("open", "os.listdir", "os.scandir", "os.walk"))
_FIRST = 3


class BrokenPromise(AssertionError):  # noqa: N818 - it is what was found
    """A reader did what none may do with any bytes.

    Attributes:
        kind: the same for what has the same cause, most likely.
    """

    def __init__(self, kind: str, said: str) -> None:
        super().__init__(f"{kind}: {said}"[:600])
        self.kind = kind


class _Ear:
    """What Python announces while a reader reads."""

    def __init__(self) -> None:
        self.place = ""
        self.heard: list[str] = []
        self.hears = False
        sys.addaudithook(self._hear)

    def _hear(self, event: str, arguments: tuple[Any, ...]) -> None:
        if not self.hears or event in HARMLESS or event.startswith(("gc.", "sys._getframe")):
            return
        looks = event in _LOOKS and (event != "open" or not arguments[2] & ~READ_ONLY)
        if looks and os.path.normpath(str(arguments[0])).startswith(self.place):
            return
        if event in ("compile", "exec") and _is_for_types():
            return
        if event == "os.truncate" and isinstance(arguments[0], int):  # what a copy is written into
            return
        self.heard.append(f"{event} {arguments!r}"[:300])


def _is_for_types() -> bool:
    """Whether msgspec works out the types that this program's own source names, as it does when first needed."""
    frame = sys._getframe(2)
    while frame is not None and not frame.f_code.co_filename.endswith("/msgspec/_utils.py"):
        frame = frame.f_back  # type: ignore[assignment]  # None at the end
    return frame is not None


@cache
def _ear() -> _Ear:
    """The one ear, as a hook stays for good; what readers load late is loaded before it listens."""
    load_all()
    for encoding in ("utf-8-sig", *(f"utf-{bits}{end}" for bits in (16, 32) for end in ("", "-le", "-be"))):
        codecs.lookup(encoding)
    warnings.simplefilter("ignore")
    return _Ear()


@cache
def _place() -> Path:
    """Where files are put that are read; gone with the process."""
    memory = Path("/dev/shm")
    return Path(tempfile.mkdtemp(prefix="run-inspector-fuzz-", dir=memory if memory.is_dir() else None))


def put_away() -> None:
    """Remove what is left on the disk."""
    shutil.rmtree(_place(), ignore_errors=True)
    _place.cache_clear()


_number = iter(range(1 << 62))


@contextmanager
def _files(**contents: bytes) -> Iterator[Path]:
    """A folder that was never there before, with these files; caches know no file of it."""
    folder = _place() / str(next(_number))
    try:
        for name, data in contents.items():
            path = folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(data)
        lead_to([folder])
        with _heard(folder):
            yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def _heard(folder: Path) -> Iterator[None]:
    ear = _ear()
    ear.place, ear.hears = str(folder), True
    try:
        yield
    finally:
        ear.hears = False


def warm(name: str, seeds: Iterable[bytes]) -> None:
    """Read sound files first, as libraries work out some things when they are first needed."""
    for seed in seeds:
        with suppress(InspectorError):
            TARGETS[name](seed)
    _ear().heard.clear()


def tried(name: str, data: bytes) -> None:
    """Read bytes with one reader.

    Raises:
        BrokenPromise: it raised what is no refusal, did something outside its file, or took too much.
    """
    ear = _ear()
    began_s = time.process_time()
    try:
        with suppress(InspectorError):
            TARGETS[name](data)
    except Exception as error:
        place = traceback.extract_tb(error.__traceback__)[-1]
        kind = f"{type(error).__name__} at {Path(place.filename).name}:{place.lineno}"
        raise BrokenPromise(kind, str(error)) from error
    finally:
        heard, ear.heard = ear.heard, []
    if heard:
        raise BrokenPromise(heard[0].split(" ")[0], heard[0])
    took_s = time.process_time() - began_s
    if took_s > MOST_CPU_S:
        raise BrokenPromise("slow", f"{took_s:.1f} s of processor time for {len(data):,} bytes")


def most_mb() -> int:
    """The most memory that this process ever had."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024


def _quietly(look: Callable[..., Any], *arguments: Any) -> Any:
    """What a look gives, None where it is refused."""
    try:
        return look(*arguments)
    except InspectorError:
        return None


def _look(path: Path) -> None:
    """What a window does with a file or a folder that is one: facts, tensors, curves, samples, checks."""
    if not open_whole(path):
        return
    facts = facts_of(path)
    if isinstance(facts, DumpFacts):
        _look_into_dump(path)
    elif isinstance(facts, MetricsFacts | ConsoleFacts):
        found = _quietly(series_of, path, QUIET)
        for medium in found.media[:_FIRST] if found else ():
            for look in (media.media_bytes, media.histogram_of, media.curve_of, media.texts_of, media.hparams_of):
                with suppress(InspectorError):
                    look(path, medium, QUIET)
    elif isinstance(facts, CheckpointFacts):
        _quietly(verify, path, QUIET)
    checkpoint._opened.clear()


def _look_into_dump(path: Path) -> None:
    try:
        dump = _quietly(dump_file.opened, path, QUIET)
        for dataset in dump.facts.datasets[:_FIRST] if dump else ():
            _quietly(dump.read, dataset.path, 0)
        if dump:
            _quietly(dump.picture, 0)
    finally:
        dump_file.close_all()


def _as(name: str, **beside: bytes) -> Target:
    """The bytes as a whole file of this name."""

    def read(data: bytes) -> None:
        with _files(**{**beside, name: data}) as folder:
            _look(folder / name)

    return read


def _folder(*names: str, **beside: bytes) -> Target:
    """The bytes as one file of a folder, or as each of several, which is read as one and as a run."""

    def read(data: bytes) -> None:
        with _files(**{**beside, **dict.fromkeys(names, data)}) as folder:
            _quietly(_look, folder)
            run = scan([folder], QUIET)
            to_json(run)
            for entry in run.files:
                if isinstance(entry.facts, DumpFacts):
                    _look_into_dump(Path(entry.path))

    return read


def _clean_copy(data: bytes) -> None:
    new = os.memfd_create("copy")
    try:
        with _files(**{"x.pt": data}) as folder:
            write_clean_copy(folder / "x.pt", new)
    finally:
        os.close(new)


def _wrapped(name: str, wrap: Callable[[bytes], bytes]) -> Target:
    """The bytes in a sound shell, so that changed ones are reached."""
    whole = _as(name)
    return lambda data: whole(wrap(data))


_SCRIPT = {"m/data.pkl": pickled(b"c__torch__\nNet\n)\x81}b"), "m/constants.pkl": pickled(b")"), "m/version": b"3\n"}
_ELEMENTS = {f"m/tensors/{number}": bytes(48) for number in range(3)}


def _script(code: bytes) -> bytes:
    """A TorchScript archive with this code."""
    return zip_of({**_SCRIPT, "m/code/__torch__.py": code})


def _mobile_script(bytecode: bytes) -> bytes:
    return zip_of({**_SCRIPT, "m/bytecode.pkl": bytecode})


def _old_script(model: bytes) -> bytes:
    """An archive of torch 1.0 to 1.3, whose model is JSON."""
    attributes = pickled(b"](K\x40ctorch.jit._pickle\nbuild_tensor_from_id\nK\x02\x85Re")
    return zip_of({**_ELEMENTS, "m/attributes.pkl": attributes, "m/model.json": model})


def _safetensors_header(header: bytes) -> bytes:
    return len(header).to_bytes(8, "little") + header + bytes(64)


def event_record(payload: bytes) -> bytes:
    """One record of a TensorBoard file with the checksums that it should have."""
    length = struct.pack("<Q", len(payload))
    return length + struct.pack("<I", crc32c.masked(length)) + payload + struct.pack("<I", crc32c.masked(payload))


def _npz(data: bytes) -> bytes:
    return zip_of({"a.npy": data, "b.npy": data})


_NOBODY = Identity(1, 1, 1, 1)


class _Named:
    """Bytes in memory with a path, which is there only as a name."""

    path = Path("mutant")
    identity = _NOBODY


def _machine(data: bytes) -> None:
    with _heard(Path("/nowhere")):
        found = pickle_machine.run(Memory(data))
        lister = Lister(Path("mutant.pt"), _NOBODY, lambda _node: (Storage(0, 64, 64), "float32"), Notes(), QUIET)
        lister.walk(found.root)
        to_json(lister.objects)


SNIFFED_AS = ("x", "x.pt", "x.log", "x.json", "x.jsonl", "x.csv", "x.yaml", "x.h5", "x.npz", "x.safetensors", "x.pkl")


def _sniff(data: bytes) -> None:
    inner = InnerFile(_Named(), Memory(data))  # type: ignore[arg-type]  # no byte is read through it
    with _heard(Path("/nowhere")):
        for name in SNIFFED_AS if data else ():
            container_of(inner, Path(name), QUIET)


def _hdf5_structure(data: bytes) -> None:
    with _heard(Path("/nowhere")):
        root_attribute_names(Memory(data), 0)
        root_attribute_names(Memory(data), 512)
    with _files(file=data) as folder, ByteFile(folder / "file") as file:
        mended(file, 0)


def _chunk(data: bytes) -> None:
    for steps in ((), ("gzip",), ("shuffle",), ("shuffle", "gzip")):
        for size in (64, 4096):
            with suppress(ChunkDamagedError), _heard(Path("/nowhere")):
                decoded(data[1:], data[0] if data else 0, Pipeline(steps, 4), size)


def _png(data: bytes) -> None:
    with _heard(Path("/nowhere")):
        png_pixels(Path("x.png"), data)


def _photograph(data: bytes) -> None:
    with _files(**{"x.jpg": data}) as folder:
        _quietly(photographs.photograph_size, folder / "x.jpg")
        photographs.photograph(folder / "x.jpg", 64)


def _literal(data: bytes) -> None:
    with suppress(LiteralError), _heard(Path("/nowhere")):
        literal(data.decode("utf-8", "surrogateescape"))


def _packed(data: bytes) -> None:
    with _files(**{"x.zip": data}) as folder:
        if packed_runs.holds_run(folder / "x.zip", QUIET):
            packed_runs.packed_run(folder / "x.zip", QUIET)


def _schema(data: bytes) -> None:
    with _files(**{"settings.schema.json": data}) as folder:
        schema_fields(folder / "settings.schema.json")


_RECORD = b"""{"id":"a","name":"a","recipe":"slots","seed":1,"host":"h","started":1.0,"schema":"ri-run/1"}"""


def _beat(data: bytes) -> None:
    with _files(**{"run.json": _RECORD, "alive.json": data}) as folder:
        liveness_of(folder, msgspec.json.decode(_RECORD, type=RunRecord), Logs(), 2.0)


def _events(data: bytes) -> None:
    with _files(**{"metrics.jsonl": data}) as folder:
        to_json(events_of(folder / "metrics.jsonl", QUIET).events)


def _control(data: bytes) -> None:
    with _files(**{"control.jsonl": data}) as folder:
        Control(folder / "control.jsonl").commands()


def _triage(data: bytes) -> None:
    with _files(**{"triage.json": data}) as folder:
        triage.encoded(load_triage(folder / "triage.json"))


def _caches(data: bytes) -> None:
    with _heard(Path("/nowhere")):
        summary_cache._decoded(data, "0" * 64)
        scan_cache._decoded(data, "key")
        fleet_cache.KnownRows({"key": msgspec.Raw(data)}).row("key", "stamp")


def _wire(data: bytes) -> None:
    ours, theirs = socket_pair()
    channel = Channel(ours)
    try:
        theirs.setblocking(False)
        with suppress(BlockingIOError):
            theirs.send(data)
        theirs.shutdown(socket.SHUT_WR)
        with _heard(Path("/nowhere")):
            for message in channel.receive():
                arrays_of(message)
    finally:
        theirs.close()
        channel.close()


def _answers(data: bytes) -> None:
    with _heard(Path("/nowhere")):
        for kind in (Run, Diagnosis, Progress, tuple[ArrayDescriptor, ...]):
            try:
                found: Any = decode(data, kind, [np.zeros(3)])
            except Exception:  # noqa: BLE001 - `outcome_of` makes a sentence of any
                continue
            if isinstance(found, tuple) and found and isinstance(found[0], ArrayDescriptor):
                with suppress(TypeError, ValueError, OverflowError, MemoryError):
                    arrays_in(bytes(64), found)


_META = {"meta.yaml": b"artifact_uri: file:///x\n"}
_TINY_SHARD = _safetensors_header(b'{"w":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}')
_TRUTH = b"""[{"image": "a.jpg", "gt_x": 1, "gt_y": 2}, {"image": "b.jpg", "gt_x": 3, "gt_y": 4}]"""
_PREDICTED = b"""[{"image": "a.jpg", "pred_x": 1, "pred_y": 3}, {"image": "b.jpg", "pred_x": 3, "pred_y": 5}]"""

TARGETS: dict[str, Target] = {
    "sniff": _sniff,
    "pickle machine": _machine,
    "pickle": _as("x.pkl"),
    "torch zip": _as("x.pt"),
    "pickle of a torch zip": _wrapped("x.pt", archive),
    "torch legacy": _as("legacy.pt"),
    "torch tar": _as("x.tar"),
    "gzip": _as("x.tar.gz"),
    "code of TorchScript": _wrapped("x.pt", _script),
    "bytecode of TorchScript": _wrapped("x.pt", _mobile_script),
    "model of old TorchScript": _wrapped("x.pt", _old_script),
    "zip of checkpoints": _as("x.zip"),
    "clean copy": _clean_copy,
    "npz": _as("x.npz"),
    "npy": _as("x.npy"),
    "npy in npz": _wrapped("x.npz", _npz),
    "safetensors": _as("x.safetensors"),
    "header of safetensors": _wrapped("x.safetensors", _safetensors_header),
    "index of shards": _folder("model.safetensors.index.json", **{"model-00001-of-00001.safetensors": _TINY_SHARD}),
    "distributed metadata": _folder(".metadata", **{"__0_0.distcp": archive(pickled(b"}"))}),
    "DeepSpeed": _folder(
        "mp_rank_00_model_states.pt", *(f"zero_pp_rank_{rank}_mp_rank_00_optim_states.pt" for rank in range(2))
    ),
    "adapter": _folder("adapter_config.json", **{"adapter_model.safetensors": _TINY_SHARD}),
    "trainer state": _folder("trainer_state.json", **{"model.safetensors": _TINY_SHARD}),
    "hdf5": _as("x.h5"),
    "structure of hdf5": _hdf5_structure,
    "chunks of hdf5": _chunk,
    "png": _png,
    "photograph": _photograph,
    "folder of masks": _folder("masks/1.png", "masks/2.png", "images/1.png", "images/2.png"),
    "coco": _as("instances.json"),
    "lines of points": _as("points.jsonl"),
    "table of points": _as("points.csv"),
    "predictions beside truth": _folder("predictions.json", **{"truth.json": _TRUTH, "a.jpg": b""}),
    "truth beside predictions": _folder("truth.json", **{"predictions.json": _PREDICTED}),
    "events of TensorBoard": _as("events.out.tfevents.1"),
    "record of TensorBoard": _wrapped(
        "events.out.tfevents.1", lambda data: event_record(b"\x1a\rbrain.Event:2") + event_record(data)
    ),
    "wandb": _as("run-x.wandb"),
    "record of wandb": _wrapped("run-x.wandb", lambda data: framed([data])),
    "run of wandb": _folder("run-x.wandb", **{"files/media/images/a.png": b""}),
    "jsonl": _as("metrics.jsonl"),
    "json history": _as("history.json"),
    "csv": _as("progress.csv"),
    "console": _as("train.log"),
    "metric of mlflow": _as("run/metrics/loss", **{f"run/{name}": data for name, data in _META.items()}),
    "value of mlflow": _as("run/params/lr", **{f"run/{name}": data for name, data in _META.items()}),
    "evaluations": _as("evaluations.npz"),
    "yaml": _as("config.yaml"),
    "toml": _as("config.toml"),
    "json": _as("config.json"),
    "literal": _literal,
    "schema of settings": _schema,
    "run.json": _folder("run.json", **{"metrics.jsonl": b'{"step":1,"loss":2.0}\n'}),
    "edits.json": _folder("edits.json", **{"run.json": _RECORD}),
    "alive.json": _beat,
    "metrics.jsonl": _events,
    "control.jsonl": _control,
    "triage.json": _triage,
    "caches": _caches,
    "packed run": _packed,
    "messages": _wire,
    "answers": _answers,
}
"""Every reader, by what it reads."""
