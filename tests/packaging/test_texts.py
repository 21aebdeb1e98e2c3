"""The template for translators lists the texts that the program has now."""

from __future__ import annotations

import runpy
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
MADE = runpy.run_path(str(ROOT / "packaging" / "make_texts.py"))


def test_the_template_is_that_of_the_code() -> None:
    catalogue = MADE["texts"]()
    assert len(catalogue) > 2_000
    assert MADE["TEMPLATE"].read_bytes() == MADE["template"](catalogue), "run packaging/make_texts.py"
