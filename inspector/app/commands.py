"""Every command once: its words, its keys, its menu. Menus, palette, shortcut sheet and `shortcuts` read this table."""

from __future__ import annotations

import re
from collections.abc import Mapping

import msgspec

from inspector.core.language import tr, tr_later
from inspector.session.preferences import Preferences


class Command(msgspec.Struct, frozen=True):
    """One command.

    Attributes:
        key: its stable name, by which `app.actions` knows what it does.
        title: as in the menu; `…` where it asks for more.
        shortcuts: Qt key sequences, the first is shown.
        menu: one of `MENUS`; empty to keep it out of the menus.
        tip: one sentence for the tooltip and the palette.
        separated: a line stands above it in the menu.
    """

    key: str
    title: str
    shortcuts: tuple[str, ...] = ()
    menu: str = ""
    tip: str = ""
    separated: bool = False


_TABLE: tuple[Command, ...] = (
    Command("open_files", "Open files…", ("Ctrl+O",), "File", "Open checkpoints, dumps, logs and packed runs"),
    Command("open_folder", "Open folder…", ("Ctrl+Shift+O",), "File", "Open a run folder, or a folder of runs"),
    Command("open_sample", "Open the sample run", (), "File", "Open the run that comes with the program"),
    Command("reload", "Reload", ("F5",), "File", "Read the files of the chosen run again"),
    Command("close_run", "Close run", ("Ctrl+W",), "File", "Take the chosen run out of the tree"),
    Command(
        "save_figure", "Save figure…", ("Ctrl+S",), "File", "Save the curves as a figure, or the view", separated=True
    ),
    Command("export_data", "Export data…", ("Ctrl+E",), "File", "Save points of curves, the shown tensor, or samples"),
    Command("export_samples", "Export samples…", (), "File", "Save samples as a table, a contact sheet or pictures"),
    Command("preferences", "Preferences…", ("Ctrl+,",), "File", "Colours, size of text, keys and more", separated=True),
    Command("quit", "Quit", ("Ctrl+Q",), "File", "Close the window; a training run goes on"),
    Command(
        "export_tensor", "Export tensor…", (), "File", "Save the shown tensor as a NumPy array (.npy)", separated=True
    ),
    Command("save_clean_copy", "Save clean copy…", (), "File", "Save the shown checkpoint as tensors and plain values"),
    Command("verify", "Verify checkpoint", (), "File", "Compare the shown checkpoint's bytes with its checksums"),
    Command("read_on", "Read on past the limit", (), "File", "Read the shown checkpoint or dump with generous limits"),
    Command("compare_file", "Compare checkpoint with file…", (), "File", "Compare the shown checkpoint with any other"),
    Command("compare_dump", "Compare points with file…", (), "File", "Hold shown predictions against any other dump's"),
    Command("dump_roles", "Datasets of the dump…", (), "File", "See and choose what each dataset of a dump holds"),
    Command(
        "undo", "Undo", ("Ctrl+Z",), "Edit", "Take back the last mark, edit, setting of a view, dismissal or closing"
    ),
    Command("redo", "Redo", ("Ctrl+Shift+Z", "Ctrl+Y"), "Edit", "Do again what was taken back"),
    Command("paste", "Paste log", ("Ctrl+V",), "Edit", "Open text, or files, from the clipboard", separated=True),
    Command(
        "copy_picture", "Copy picture", ("Ctrl+C",), "Edit", "Copy the shown view to the clipboard", separated=True
    ),
    Command("copy_sample", "Copy image of the sample", (), "Edit", "Copy the chosen sample as it is drawn"),
    Command("copy_values", "Copy values as TSV", (), "Edit", "Copy the values of the curves under the pointer"),
    Command("copy_path", "Copy tensor path", ("Ctrl+Shift+C",), "Edit", "Copy the path of the shown tensor"),
    Command(
        "stage_cure", "Stage cure", ("C",), "Edit", "Stage the edits that the chosen finding proposes", separated=True
    ),
    Command("dismiss", "Dismiss finding", (), "Edit", "Put the chosen finding aside, as X does where no samples are"),
    Command("clear_staged", "Clear staged edits", (), "Edit", "Take back every staged edit"),
    Command(
        "palette",
        "Find anything…",
        ("Ctrl+K", "Ctrl+Shift+P"),
        "View",
        "Commands, runs, metrics, samples, layers, tensors, settings",
    ),
    Command("filter", "Filter", ("/",), "View", "Type into the filter of the shown view"),
    Command("next_sample", "Next sample", ("J", "Right"), "View", "Show the next sample of the dump", separated=True),
    Command("previous_sample", "Previous sample", ("K", "Left"), "View", "Show the previous sample of the dump"),
    Command("flag", "Flag sample", ("F",), "Edit", "Flag the selected samples, or take their flags", separated=True),
    Command("reject", "Reject sample", (), "Edit", "Reject the selected samples, as X does, or take that back"),
    Command("reject_or_dismiss", "Reject sample or dismiss finding", ("X",), "", "Where no samples are, the finding"),
    Command("tag", "Tag sample…", ("T",), "Edit", "Give the selected samples a tag, or take it"),
    Command("note", "Note on sample…", ("N",), "Edit", "Write a note on the selected samples"),
    Command("auto_advance", "Advance after marking", (), "Edit", "Go to the next sample when one was marked, or stay"),
    Command("select_all", "Select all samples", ("Ctrl+A",), "Edit", "Select every sample that the filter keeps"),
    Command("select_next", "Select the next sample too", ("Shift+J", "Shift+Right"), "", "Mark several at once"),
    Command("select_previous", "Select the previous sample too", ("Shift+K", "Shift+Left"), "", "As to the other side"),
    Command("worst_first", "Worst sample first", ("W",), "View", "Sort the samples by what is worst, and go there"),
    Command("save_filter", "Save filter…", (), "View", "Give the filter of the shown samples a name"),
    Command("next_layer", "Next layer", ("]",), "View", "Show the next layer"),
    Command("previous_layer", "Previous layer", ("[",), "View", "Show the previous layer"),
    Command("hide_dead", "Hide dead channels", ("D",), "View", "Leave channels that never fire out of the grid"),
    Command("zoom_error", "Zoom to the error", ("Z",), "View", "Show the part of a sample around its largest error"),
    Command("grid", "Grid or single", ("G",), "View", "Show many samples or one"),
    Command("point_plots", "Plots of points", ("P",), "View", "Show the errors of all points as plots, or the grid"),
    Command("smoothing", "Smoothing on or off", ("S",), "View", "Draw curves smoothed, the raw ones behind"),
    Command("log_axis", "Log axis", ("L",), "View", "Logarithmic or linear values"),
    Command("fit", "Fit", ("0",), "View", "Show all of every curve"),
    Command("runs_panel", "Runs beside the views", ("Ctrl+B",), "View", "Show or hide the runs", separated=True),
    Command("findings_panel", "Findings beside the views", ("Ctrl+Shift+B",), "View", "Show or hide the findings"),
    Command("theme", "Dark or light", ("Alt+M",), "View", "Change the colours of the window", separated=True),
    Command("next_step", "Next step", ("Ctrl+Right",), "Run", "Move the cursor to the next checkpoint or dump"),
    Command(
        "previous_step", "Previous step", ("Ctrl+Left",), "Run", "Move the cursor to the previous checkpoint or dump"
    ),
    Command("play", "Play", ("Space",), "Run", "Move the cursor along by itself"),
    Command("compare_folder", "Compare runs of its folder", (), "Run", "Draw all runs of the folder beside each other"),
    Command("open_parent", "Open the run that it resumes", (), "", "Open the parent of the chosen run beside it"),
    Command(
        "fleet", "Table of runs", ("Ctrl+Shift+T",), "Run", "Show all runs of the folder as a table, to sort and filter"
    ),
    Command("follow", "Follow newest", ("End",), "Run", "Keep the cursor at the newest record"),
    Command("next_finding", "Next finding", ("Down",), "", "Choose the next finding of the triage view"),
    Command("previous_finding", "Previous finding", ("Up",), "", "Choose the finding before it"),
    Command(
        "show_dismissed", "Show dismissed findings", ("Shift+X",), "", "List them with the others, or leave them out"
    ),
    Command("show_finding", "Show finding", ("Return", "Enter"), "Run", "Show the evidence of the chosen finding"),
    Command("report", "Report…", (), "Run", "Save verdict, findings, curves and samples of the run as one page"),
    Command("resume", "Resume…", ("R",), "Run", "Resume the run with the staged edits", separated=True),
    Command("start_resume", "Start resuming", ("Ctrl+Return", "Ctrl+Enter"), "", "Start what the resume sheet shows"),
    Command("try_resume", "Dry run", ("Ctrl+T",), "", "Have the trainer try one step of what the resume sheet shows"),
    Command("close_resume", "Close the resume sheet", ("Escape",), "", "Show the views again; what is staged stays"),
    Command(
        "record", "Record activations…", (), "Run", "Save what the checkpoint at the cursor makes of its probe samples"
    ),
    Command("record_all", "Record all checkpoints", (), "Run", "Save a dump of every checkpoint of the run"),
    Command("pause_run", "Pause or continue training", (), "Run", "Let the running trainer wait, or go on"),
    Command("checkpoint_now", "Checkpoint now", (), "Run", "Ask the running trainer to save, and to go on"),
    Command("apply_live", "Apply live edits now", (), "Run", "Change staged settings that take effect while it trains"),
    Command("stop_run", "Stop training", (), "Run", "Ask the running trainer to save and stop"),
    Command("kill_run", "Kill training…", (), "Run", "End the running trainer at once, without a checkpoint"),
    Command("help", "Help", ("F1",), "Help", "What the chosen finding means, or the contents of help"),
    Command("all_findings", "All findings", (), "Help", "Everything that is looked for, and how it is told"),
    Command("metrics", "Metrics", (), "Help", "What each number measures, and what a trivial answer scores"),
    Command("shortcuts", "Keyboard shortcuts", ("?",), "Help", "Every key on one page", separated=True),
    Command("tour", "Tour of the window", (), "Help", "Four steps: runs, findings, the cursor, the palette"),
    Command("own_model", "Record your own model", (), "Help", "The lines that a script needs to write a dump"),
    Command("own_recipe", "Train a recipe of your own", (), "Help", "The file that the trainer takes for a recipe"),
    Command("any_script", "Resume any script", (), "Help", "The template by which a script of any kind resumes"),
    Command("about", "About Run Inspector", (), "Help", "Version and licences"),
    Command("next_area", "Next area of the window", ("F6",), "", "Put the keyboard into it; Tab goes on inside"),
    Command("previous_area", "Previous area of the window", ("Shift+F6",), "", "Put the keyboard into it"),
    Command("stalls", "Show stalls", (), "", "The longest pauses of the window, and what it did meanwhile"),
)

COMMANDS = tuple(msgspec.structs.replace(one, title=tr(one.title), tip=tr(one.tip)) for one in _TABLE)

SLOT_KEYS = tuple(str(number) for number in range(1, 10))
"""1 to 9 show one slot alone; again shows all."""

TAG_KEYS = tuple(f"Shift+{number}" for number in range(1, 10))
"""They give the selected samples the user's own tags, or take them."""

PREFERRED_KEYS = {"flag": "flag_key", "reject_or_dismiss": "reject_key", "tag": "tag_key"}
"""Commands whose key a user may choose, and the preference that says which."""

_WRITTEN = re.compile(r"(?:(?:Ctrl|Alt|Shift|Meta)\+)*(?:[!-`{-~]|F(?:[1-9]|[12]\d))")

MENUS = (tr_later("File"), tr_later("Edit"), tr_later("View"), tr_later("Run"), tr_later("Help"))

BY_KEY: dict[str, Command] = {one.key: one for one in COMMANDS}


class Shortcut(msgspec.Struct, frozen=True):
    """What keys do: any of `keys`, in a few words and in one sentence more."""

    keys: tuple[str, ...]
    title: str
    tip: str


_ONE_SLOT, _OWN_TAG = tr("Show one slot alone"), tr("Give a tag of your own")

_OF_FAMILIES: dict[str, tuple[Shortcut, ...]] = {
    tr("Slots and tags"): (
        Shortcut((f"{SLOT_KEYS[0]} … {SLOT_KEYS[-1]}",), _ONE_SLOT, tr("The same key again shows all")),
        Shortcut((f"{TAG_KEYS[0]} … {TAG_KEYS[-1]}",), _OWN_TAG, tr("To the selected samples, or take it")),
    ),
    tr("On a page of help"): (
        Shortcut(
            ("Ctrl+F",), tr("Find on this page"), tr("Enter goes to the next place, Shift+Enter to the one before")
        ),
        Shortcut(("Alt+Left", "Backspace"), tr("The page before"), tr("Where it was left")),
    ),
    tr("In the palette"): (
        Shortcut(
            ("Up", "Down", "PgUp", "PgDown"), tr("Choose what was found"), tr("Enter takes it, Esc takes nothing")
        ),
    ),
    tr("In a chart"): (
        Shortcut(("Left", "Right", "Up", "Down"), tr("Pan"), tr("Where it has the keyboard")),
        Shortcut(("+", "-"), tr("Zoom"), tr("At the middle; Home fits")),
    ),
    tr("In a picture"): (
        Shortcut(
            ("Left", "Right", "Up", "Down"), tr("Move a place over it"), tr("The values there are told as at a pointer")
        ),
        Shortcut(("+", "-"), tr("Zoom at the place"), tr("Home fits")),
    ),
    tr("Among slots and curves"): (
        Shortcut(("Left", "Right"), tr("Go to another"), tr("Home and End go to the first and the last")),
        Shortcut(("Space",), tr("Hide or show it"), tr("Enter shows it alone")),
    ),
    tr("In the tree of runs"): (
        Shortcut(
            ("Up", "Down", "Left", "Right"), tr("Move, fold, unfold"), tr("Enter looks at it, Space compares its run")
        ),
    ),
    tr("In a log"): (
        Shortcut(
            ("Ctrl+F",), tr("Find in the lines"), tr("Enter, F3 or N goes to the next, with Shift to the one before")
        ),
    ),
}
"""Keys that stand for no command of their own: of many at once, and of what has the keyboard."""


def keys_of(command: Command, preferences: Preferences) -> tuple[str, ...]:
    """The keys of a command, as its user prefers them."""
    return _keys_of(command, _chosen(preferences))


def why_not_key(command: str, keys: str, preferences: Preferences) -> str:
    """Why keys cannot be those of a command; empty where they can."""
    return _why_not(command, keys, _chosen(preferences))


def _keys_of(command: Command, chosen: Mapping[str, str]) -> tuple[str, ...]:
    own = chosen.get(command.key)
    return (own,) if own else command.shortcuts


def _chosen(preferences: Preferences) -> dict[str, str]:
    """The keys that were chosen, by their command, without those that are none or something else's."""
    named = {command: getattr(preferences, name) for command, name in PREFERRED_KEYS.items()}
    chosen = {command: keys for command, keys in named.items() if keys}
    for command, keys in tuple(chosen.items()):
        if _why_not(command, keys, chosen):
            del chosen[command]
    return chosen


def _why_not(command: str, keys: str, chosen: Mapping[str, str]) -> str:
    if not _WRITTEN.fullmatch(keys):
        return tr("Letters, figures, signs and F keys can be chosen")
    commands = ((one.title, _keys_of(one, chosen)) for one in COMMANDS if one.key != command)
    families = ((one.title, one.keys) for rows in _OF_FAMILIES.values() for one in rows)
    many = ((_ONE_SLOT, SLOT_KEYS), (_OWN_TAG, TAG_KEYS))
    taken = next((title for title, its in (*commands, *families, *many) if keys in its), "")
    return tr("{keys} is the key of: {title}").format(keys=keys, title=taken.removesuffix("…")) if taken else ""


def shortcut_groups(preferences: Preferences | None = None) -> dict[str, tuple[Shortcut, ...]]:
    """Every key by the heading it stands under: those of commands by their menus, then the others."""
    chosen = _chosen(preferences or Preferences())
    menus = {tr(menu): _of_menu(menu, chosen) for menu in MENUS}
    return {**menus, tr("In no menu"): _of_menu("", chosen), **_OF_FAMILIES}


def _of_menu(menu: str, chosen: Mapping[str, str]) -> tuple[Shortcut, ...]:
    with_keys = ((one, _keys_of(one, chosen)) for one in COMMANDS if one.menu == menu)
    return tuple(Shortcut(keys, one.title, one.tip) for one, keys in with_keys if keys)


def shortcut_lines(preferences: Preferences | None = None) -> list[str]:
    """The same as lines of text: `Ctrl+K, Ctrl+Shift+P  Find anything…` under its heading."""
    groups = shortcut_groups(preferences)
    width = max(len(", ".join(one.keys)) for rows in groups.values() for one in rows)
    lines: list[str] = []
    for heading, rows in groups.items():
        lines += ["", heading, *(f"  {', '.join(one.keys):<{width}}  {one.title}" for one in rows)]
    return lines[1:]
