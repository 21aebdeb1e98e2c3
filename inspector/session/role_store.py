"""Where the roles that were chosen by hand are kept: `roles.json` in the settings folder, for every window and command.

Windows write only what changed in them, so that none takes back what another was told.
"""

from __future__ import annotations

import msgspec

from inspector.formats.role_corrections import FileCorrections, with_changes
from inspector.session.kept_files import keep, load_kept

ROLES_FILE = "roles.json"
SCHEMA = "ri-roles/1"


class RolesFile(msgspec.Struct, frozen=True, kw_only=True):
    """The content of `roles.json`."""

    schema: str = SCHEMA
    files: tuple[FileCorrections, ...] = ()


def load_roles() -> tuple[FileCorrections, ...]:
    """What was chosen by hand; nothing where the file is absent, damaged or of a later version."""
    found = load_kept(ROLES_FILE, RolesFile)
    return found.files if found is not None and found.schema == SCHEMA else ()


def keep_roles(before: tuple[FileCorrections, ...], after: tuple[FileCorrections, ...]) -> None:
    """Keep what changed.

    Raises:
        OSError: the settings folder cannot be written.
    """
    kept = with_changes(load_roles(), before, after)
    keep(ROLES_FILE, RolesFile(files=kept))
