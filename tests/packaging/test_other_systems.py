"""The files for Windows and macOS, which nobody can run here, are well-formed and claim what the Linux ones claim."""

from __future__ import annotations

import plistlib
import re
from pathlib import Path
from xml.etree import ElementTree as ET

PACKAGING = Path(__file__).resolve().parents[2] / "packaging"
INSTALLER = (PACKAGING / "windows" / "run-inspector.iss").read_text()
PROPERTIES = plistlib.loads((PACKAGING / "macos" / "Info.plist").read_bytes())

_SECTION = re.compile(r"\[(Setup|Files|Icons|Registry)\]")
_SETTING = re.compile(r"\w+=.+")
_ENTRY = re.compile(r'\w+: (?:"(?:[^"]|"")*"|[^";]+)(?:; \w+: (?:"(?:[^"]|"")*"|[^";]+))*')


def claimed_on_linux() -> set[str]:
    types = ET.parse(PACKAGING / "linux" / "run-inspector.xml").getroot()
    globs = {one.get("pattern", "") for one in types.iter() if one.tag.endswith("}glob")}
    return {glob.removeprefix("*.") for glob in globs if glob.startswith("*.")} | {
        "h5",
        "hdf5",
    }  # known to all desktops


def test_the_installer_is_made_of_settings_and_entries():
    section = ""
    for line in filter(None, INSTALLER.splitlines()):
        if line.startswith((";", "#", "  #")):
            continue
        if found := _SECTION.fullmatch(line):
            section = found[1]
        else:
            assert (_SETTING if section == "Setup" else _ENTRY).fullmatch(line), line
    assert INSTALLER.count("#if") == INSTALLER.count("#endif")
    assert len(re.findall(r"^AppId=\{\{[0-9A-F-]{36}\}$", INSTALLER, re.MULTILINE)) == 1


def test_the_installer_offers_the_program_for_each_type_and_takes_none_over():
    keys = re.findall(r'Subkey: "Software\\Classes\\\.(\w+)([^"]*)"', INSTALLER)
    assert {ending for ending, _rest in keys} == claimed_on_linux()
    assert {rest for _ending, rest in keys} == {r"\OpenWithProgids"}
    assert 'ValueData: """{app}\\run-inspector.exe"" ""%1"""' in INSTALLER


def test_the_bundle_declares_each_type_and_opens_it_as_an_alternative():
    declared = {
        one["UTTypeIdentifier"]: one["UTTypeTagSpecification"]["public.filename-extension"]
        for one in PROPERTIES["UTImportedTypeDeclarations"]
    }
    opened = [name for one in PROPERTIES["CFBundleDocumentTypes"] for name in one["LSItemContentTypes"]]
    assert {ending for endings in declared.values() for ending in endings} == claimed_on_linux()
    assert set(opened) == {*declared, "public.folder"}
    assert {one["LSHandlerRank"] for one in PROPERTIES["CFBundleDocumentTypes"]} == {"Alternate"}
    assert {one["CFBundleTypeRole"] for one in PROPERTIES["CFBundleDocumentTypes"]} == {"Viewer"}
