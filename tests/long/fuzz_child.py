"""Targets of the fuzzer, one after the other: `python -m tests.long.fuzz_child SECONDS CORPORA FOUND TARGET...`.

Runs where atheris is installed. What breaks a promise is written into the folder of its target in FOUND, one file a
kind, and the search goes on.
"""

from __future__ import annotations

import json
import os
import resource
import sys
from pathlib import Path

import atheris  # type: ignore[import-not-found]  # stands in an environment of its own

with atheris.instrument_imports(include=["inspector"]):
    import inspector.reader.answers

    inspector.reader.answers.load_all()
    from tests.long.fuzz_seeds import SEEDS, folder_name
    from tests.long.fuzz_targets import BrokenPromise, most_mb, tried, warm

MOST_BYTES = 8192
_HANG_S = 30
_MEMORY_MB = 1500


def main() -> None:
    """Search each target in a process of its own, which the library ends; the modules are loaded once for all."""
    seconds, corpora, found, *targets = sys.argv[1:]
    for target in targets:
        pid = os.fork()
        if pid == 0:
            _search(target, int(seconds), Path(corpora) / folder_name(target), Path(found) / folder_name(target))
        _, status = os.waitpid(pid, 0)
        (Path(found) / folder_name(target) / "status").write_text(str(os.waitstatus_to_exitcode(status)))


def _search(target: str, seconds: int, corpus: Path, found: Path) -> None:
    kinds: set[str] = set()
    tries = 0
    said = os.open(found / "said", os.O_WRONLY | os.O_CREAT)
    os.dup2(said, 1)
    os.dup2(said, 2)

    def one(data: bytes) -> None:
        nonlocal tries
        tries += 1
        try:
            tried(target, data)
        except BrokenPromise as broken:
            if broken.kind not in kinds:
                kinds.add(broken.kind)
                (found / f"{len(kinds)}.bin").write_bytes(data)
                (found / f"{len(kinds)}.txt").write_text(str(broken))
        if tries % 200 == 0:
            tell()

    def tell() -> None:
        used = resource.getrusage(resource.RUSAGE_SELF)
        cpu_s = round(used.ru_utime + used.ru_stime, 1)
        (found / "told.json").write_text(json.dumps({"inputs": tries, "cpu_s": cpu_s, "most_mb": most_mb() - began_mb}))

    warm(target, SEEDS[target]())
    began_mb = most_mb()
    tell()
    arguments = [
        sys.argv[0], str(corpus), f"-max_total_time={seconds}", f"-max_len={MOST_BYTES}", f"-timeout={_HANG_S}",
        f"-rss_limit_mb={_MEMORY_MB}", f"-artifact_prefix={found}/", "-print_final_stats=1", "-detect_leaks=0",
        "-len_control=20",
    ]  # fmt: skip
    atheris.Setup(arguments, one)
    atheris.Fuzz()


if __name__ == "__main__":
    main()
