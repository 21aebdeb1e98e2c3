"""Where preferences are kept: `preferences.json` in the settings folder, for every window.

Windows write only what changed in them, so that none takes back what another was told.
"""

from __future__ import annotations

import typing
from typing import Any

import msgspec

from inspector.core.language import tr
from inspector.core.places import config_folder
from inspector.session.kept_files import keep
from inspector.session.preferences import Preferences

PREFERENCES_FILE = "preferences.json"


def load_preferences() -> tuple[Preferences, str]:
    """What the user prefers, and one sentence where some of it could not be read and is as usual; empty for none."""
    kept, problem = _kept()
    known: dict[str, Any] = {}
    wrong: list[str] = []
    for name, kind in typing.get_type_hints(Preferences, include_extras=True).items():
        if name in kept:
            try:
                known[name] = msgspec.convert(kept[name], kind)
            except msgspec.ValidationError as error:
                wrong.append(f"{name} ({error})")
    if wrong:
        problem = tr("{file}: left as usual, as it could not be read: {settings}").format(
            file=PREFERENCES_FILE, settings=", ".join(wrong)
        )
    return Preferences(**known), problem


def keep_preferences(before: Preferences, after: Preferences) -> None:
    """Keep what changed; what else the file says, as one of a later version may, stays.

    Raises:
        OSError: the settings folder cannot be written.
    """
    was, now = msgspec.to_builtins(before), msgspec.to_builtins(after)
    changed = {name: value for name, value in now.items() if value != was[name]}
    keep(PREFERENCES_FILE, {**_kept()[0], **changed})


def _kept() -> tuple[dict[str, Any], str]:
    """What the file says, nothing where it is absent or damaged; and a sentence where it is damaged."""
    try:
        return msgspec.json.decode((config_folder() / PREFERENCES_FILE).read_bytes(), type=dict[str, Any]), ""
    except FileNotFoundError:
        return {}, ""
    except (OSError, ValueError, RecursionError) as error:
        because = error.strerror if isinstance(error, OSError) else error
        sentence = tr("{file} could not be read, and all is as usual: {because}")
        return {}, sentence.format(file=PREFERENCES_FILE, because=because)
