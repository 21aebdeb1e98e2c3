"""Marks are kept beside their run, merged with what another window wrote, and with the user's data where they must."""

from __future__ import annotations

import errno
import os
import subprocess
import sys
from pathlib import Path

import pytest

from inspector.core import files
from inspector.core.errors import DamagedError, LimitError
from inspector.core.places import data_folder
from inspector.formats.marks import Mark
from inspector.formats.triage import MOST_BYTES, Triage
from inspector.session import triage_store
from inspector.session.triage_store import beside, load_triage, own_place, place_of, save_triage

FLAGGED = Mark(flagged=True, flagged_s=10.0)


def dump_in(folder: Path) -> Path:
    path = folder / "dumps" / "step_10.h5"
    path.parent.mkdir(parents=True)
    path.write_bytes(b"anything")
    return path


def test_a_run_folder_has_one_file_for_all_its_dumps(tmp_path: Path) -> None:
    dump = dump_in(tmp_path)
    place = place_of(dump, (str(tmp_path / "dumps"), str(tmp_path)))
    assert (place.file, place.name) == (tmp_path / "triage.json", "dumps/step_10.h5")


def test_a_single_file_has_a_place_with_the_users_data_that_follows_its_name(tmp_path: Path) -> None:
    dump = dump_in(tmp_path)
    place = place_of(dump, (str(dump),))
    assert place.file.parent == data_folder() / "triage"
    renamed = dump.rename(dump.with_name("other.h5"))
    assert own_place(renamed).file == place.file


def test_dumps_that_are_parts_of_a_log_share_its_file_under_names_of_their_own(tmp_path: Path) -> None:
    log = tmp_path / "run-abc.wandb"
    log.write_bytes(b"anything")
    places = [place_of(log / f"val@{step}+7", (str(log),)) for step in (1, 2)]
    assert {place.file for place in places} == {own_place(log).file}
    assert [place.name for place in places] == ["val@1+7", "val@2+7"]


def test_a_folder_that_may_not_be_written_is_read_and_its_marks_go_to_the_users_data(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    dump = dump_in(tmp_path)
    monkeypatch.setattr(triage_store, "_may_write", lambda _folder: False)
    place = place_of(dump, (str(tmp_path),))
    assert place == own_place(dump)
    assert {one.file for one in beside(dump, (str(tmp_path),))} == {tmp_path / "triage.json", place.file}


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_the_permission_is_what_the_system_says(tmp_path: Path) -> None:
    dump = dump_in(tmp_path)
    tmp_path.chmod(0o500)
    try:
        assert place_of(dump, (str(tmp_path),)) == own_place(dump)
    finally:
        tmp_path.chmod(0o700)


def test_what_two_windows_save_is_merged_in_the_file(tmp_path: Path) -> None:
    file = tmp_path / "triage.json"
    save_triage(file, Triage(files={"a.h5": {1: FLAGGED}}))
    both = save_triage(file, Triage(files={"a.h5": {1: Mark(note="n", note_s=11.0), 2: FLAGGED}, "b.h5": {0: FLAGGED}}))
    assert both.files == {
        "a.h5": {1: Mark(flagged=True, flagged_s=10.0, note="n", note_s=11.0), 2: FLAGGED},
        "b.h5": {0: FLAGGED},
    }
    assert load_triage(file).files == both.files


def test_what_says_nothing_new_is_not_written_again(tmp_path: Path) -> None:
    file = tmp_path / "triage.json"
    save_triage(file, Triage(files={"a.h5": {1: FLAGGED}}))
    os.utime(file, ns=(1, 1))
    save_triage(file, Triage(files={"a.h5": {1: FLAGGED}}))
    assert file.stat().st_mtime_ns == 1


_WRITER = """
import sys
from pathlib import Path
from inspector.formats.marks import Mark
from inspector.formats.triage import Triage
from inspector.session import triage_store
from inspector.session.triage_store import save_triage
triage_store._OTHERS_S = 60.0  # however busy the machine is
first = int(sys.argv[2])
for sample in range(first, first + 40):
    marks = {"a.h5": {sample: Mark(flagged=True, flagged_s=1.0 + sample)}}
    save_triage(Path(sys.argv[1]), Triage(files=marks))
"""


def test_two_processes_that_write_at_once_lose_nothing(tmp_path: Path) -> None:
    file = tmp_path / "triage.json"
    writers = [subprocess.Popen([sys.executable, "-c", _WRITER, str(file), str(first)]) for first in (0, 1000)]
    assert [writer.wait(timeout=60) for writer in writers] == [0, 0]
    assert sorted(load_triage(file).files["a.h5"]) == [*range(40), *range(1000, 1040)]
    assert [path.name for path in tmp_path.iterdir()] == ["triage.json"]


@pytest.mark.parametrize("content", [b"{", b"[]", b"\xff\xfe", b'{"schema": "ri-triage/4", "files": {}}'])
def test_what_is_no_triage_file_is_told_and_left_as_it_is(tmp_path: Path, content: bytes) -> None:
    file = tmp_path / "triage.json"
    file.write_bytes(content)
    with pytest.raises(DamagedError, match=r"triage\.json: expected marks of samples, found .*move it away"):
        save_triage(file, Triage(files={"a.h5": {1: FLAGGED}}))
    assert file.read_bytes() == content


def test_a_huge_file_is_not_read(tmp_path: Path) -> None:
    file = tmp_path / "triage.json"
    with file.open("wb") as stream:
        stream.truncate(MOST_BYTES + 1)
    with pytest.raises(LimitError, match="16 MB"):
        load_triage(file)


def test_a_full_disk_leaves_the_file_as_it_was(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "triage.json"
    save_triage(file, Triage(files={"a.h5": {1: FLAGGED}}))
    before = file.read_bytes()

    class Full:
        def __getattr__(self, name: str) -> object:
            return getattr(os, name)

        def write(self, _descriptor: int, _data: object) -> int:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    with monkeypatch.context() as full:
        full.setattr(files, "_os", Full())
        with pytest.raises(OSError, match="space"):
            save_triage(file, Triage(files={"a.h5": {2: FLAGGED}}))
    assert file.read_bytes() == before
