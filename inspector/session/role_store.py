"""Where the roles that were chosen by hand are kept: `roles.json` in the settings folder, for every window and command.

Windows write only what changed in them, so that none takes back what another was told.
"""

from __future__ import annotations

import msgspec

from inspector.core.files import write_atomically
from inspector.core.places import config_folder
from inspector.formats.role_corrections import FileCorrections, with_changes

ROLES_FILE = "roles.json"
SCHEMA = "ri-roles/1"


class RolesFile(msgspec.Struct, frozen=True, kw_only=True):
    """The content of `roles.json`."""

    schema: str = SCHEMA
    files: tuple[FileCorrections, ...] = ()


def load_roles() -> tuple[FileCorrections, ...]:
    """What was chosen by hand; nothing where the file is absent, damaged or of a later version."""
    try:
        found = msgspec.json.decode((config_folder() / ROLES_FILE).read_bytes(), type=RolesFile)
    except (OSError, msgspec.MsgspecError):
        return ()
    return found.files if found.schema == SCHEMA else ()


def keep_roles(before: tuple[FileCorrections, ...], after: tuple[FileCorrections, ...]) -> None:
    """Keep what changed.

    Raises:
        OSError: the settings folder cannot be written.
    """
    kept = with_changes(load_roles(), before, after)
    write_atomically(config_folder() / ROLES_FILE, msgspec.json.encode(RolesFile(files=kept)))
