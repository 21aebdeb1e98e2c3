"""Rows of the tree of runs, when runs come, change and go."""

from __future__ import annotations

import weakref

import msgspec
import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QTreeWidgetItem
from pytestqt.qtbot import QtBot

from inspector.app.run_rows import FILE, HINT, KEY, SHOWN
from inspector.app.run_tree import RunTree, TreeRun
from inspector.formats.facts import OtherFacts
from inspector.runs.values import FileEntry, Run


def _run(name: str) -> Run:
    facts = OtherFacts(bytes=3, because="nothing is known of it")
    files = tuple(
        FileEntry(path=f"/{name}/{base}", name=base, facts=facts, bytes=3, modified_s=0.0)
        for base in ("last.pt", "train.log")
    )
    return Run(key=name, name=name, root=f"/{name}", paths=(f"/{name}",), files=files)


def _top(tree: RunTree, place: int) -> QTreeWidgetItem:
    item = tree.tree.topLevelItem(place)
    assert item is not None
    return item


def _shown_in(tree: RunTree) -> list[tuple[str, list[str]]]:
    """Every row at the top, and the runs below it where it heads some."""
    tops = [_top(tree, place) for place in range(tree.tree.topLevelItemCount())]
    return [
        (top.text(0), [] if top.data(0, KEY) else [top.child(row).text(0) for row in range(top.childCount())])
        for top in tops
    ]


def test_rows_of_runs_that_stay_are_not_made_anew_and_all_come_in_their_order(qtbot: QtBot) -> None:
    tree = RunTree()
    qtbot.addWidget(tree)
    a, b, c, d = (TreeRun(_run(name), "good", folder="/many" if name in "bc" else "") for name in "abcd")
    tree.show_runs([b], None, None)
    row = _top(tree, 0).child(0)
    tree.show_runs([a, b, c, d], "a", None)
    assert _shown_in(tree) == [("a", []), ("many", ["b", "c"]), ("d", [])]
    assert _top(tree, 1).child(0) is row
    assert _top(tree, 1).data(0, HINT) == "2 runs"
    tree.show_runs([a, msgspec.structs.replace(b, findings=3), d], "b", "/b/last.pt")
    assert _shown_in(tree) == [("a", []), ("many", ["b"]), ("d", [])]
    assert row.data(0, HINT).startswith("3")
    assert [row.child(place).data(0, SHOWN) for place in range(2)] == [True, False]
    tree.show_runs([d, a], None, None)
    assert _shown_in(tree) == [("d", []), ("a", [])]
    tree.show_runs([c, b], None, None)
    assert _shown_in(tree) == [("many", ["c", "b"])]
    tree.show_runs([], None, None)
    assert _shown_in(tree) == []


def test_a_heading_that_moves_keeps_which_runs_are_unfolded(qtbot: QtBot) -> None:
    tree = RunTree()
    qtbot.addWidget(tree)
    alone, *many = [TreeRun(_run(name), "good", folder="" if name == "a" else "/many") for name in "abcdef"]
    tree.show_runs([alone, *many], None, None)
    heading = _top(tree, 1)
    assert not any(heading.child(row).isExpanded() for row in range(5))
    heading.child(1).setExpanded(True)
    heading.child(3).setExpanded(True)
    tree.show_runs([*many, alone], None, None)
    assert _top(tree, 0) is heading
    assert heading.isExpanded()
    assert [heading.child(row).isExpanded() for row in range(5)] == [False, True, False, True, False]
    heading.setExpanded(False)
    tree.show_runs([alone, *many], None, None)
    tree.show_runs([*many, alone], None, None)
    assert not heading.isExpanded()


def test_files_that_a_run_gets_are_listed(qtbot: QtBot) -> None:
    tree = RunTree()
    qtbot.addWidget(tree)
    run = _run("a")
    tree.show_runs([TreeRun(msgspec.structs.replace(run, files=run.files[:1]), "good")], "a", None)
    top = _top(tree, 0)
    assert top.childCount() == 1
    tree.show_runs([TreeRun(run, "good")], "a", None)
    assert top.childCount() == len(run.files) == 2


def test_an_asterisk_opens_runs_and_nothing_below_their_files(qtbot: QtBot) -> None:
    tree = RunTree()
    qtbot.addWidget(tree)
    tree.show_runs([TreeRun(_run("a"), "good")], None, None)
    top = _top(tree, 0)
    top.setExpanded(False)
    tree.tree.setCurrentItem(top)
    QTest.keyClick(tree.tree, Qt.Key.Key_Asterisk)
    assert top.isExpanded()
    assert [top.child(place).childCount() for place in range(top.childCount())] == [0, 0]


def test_a_file_that_is_chosen_is_marked_alone(qtbot: QtBot) -> None:
    tree = RunTree()
    qtbot.addWidget(tree)
    rows = [TreeRun(_run(name), "good") for name in "ab"]
    for chosen, file in (("a", None), ("a", "/a/train.log"), ("b", "/b/last.pt"), ("b", None)):
        tree.show_runs(rows, chosen, file)
        marked = [
            (item.data(0, KEY), item.data(0, FILE))
            for top in (_top(tree, 0), _top(tree, 1))
            for item in (top, *(top.child(row) for row in range(top.childCount())))
            if item.data(0, SHOWN)
        ]
        assert marked == [(chosen, file)]


@pytest.mark.parametrize("folder", ["", "/many"])
def test_rows_of_what_is_gone_are_freed(qtbot: QtBot, folder: str) -> None:
    tree = RunTree()
    qtbot.addWidget(tree)
    run = TreeRun(_run("a"), "good", folder=folder)
    tree.show_runs([run], None, None)
    row = _top(tree, 0).child(0) if folder else _top(tree, 0)
    files = [weakref.ref(row.child(place)) for place in range(row.childCount())]
    assert files
    tree.show_runs([msgspec.structs.replace(run, run=msgspec.structs.replace(run.run, files=()))], None, None)
    assert [file() for file in files] == [None, None]
    gone = weakref.ref(row)
    del row
    tree.show_runs([], None, None)
    assert gone() is None
