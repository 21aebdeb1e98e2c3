"""Make the template of all texts that can be translated again: resources/languages/run-inspector.pot.

Run it in an environment with the extra `test`:  .venv/bin/python packaging/make_texts.py
"""

from __future__ import annotations

import ast
import io
from collections.abc import Iterator
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import write_po

from inspector.formats.metric_meanings import MEANINGS
from inspector.formats.recipes.catalogue import RECIPES
from inspector.formats.setting_fields import fields_of

ROOT = Path(__file__).parent.parent
TEMPLATE = ROOT / "resources" / "languages" / "run-inspector.pot"
KEYWORDS = {"tr": None, "tr_later": None, "Command": (2, 5)}
"""What takes texts, and which of its arguments they are; those of the table of commands are given to `tr` there."""


def texts() -> Catalog:
    """Every text of the program that can be translated, and which modules say it."""
    catalogue = Catalog(project="Run Inspector", fuzzy=False)
    for module, _, found, _, _ in extract_from_dir(ROOT / "inspector", keywords=KEYWORDS):
        for text in (found,) if isinstance(found, str) else found:
            catalogue.add(text, locations=[(f"inspector/{module}", 0)])
    for path in sorted((ROOT / "inspector").rglob("*.py")):
        for one, many in counted_nouns(ast.parse(path.read_text(encoding="utf-8"))):
            catalogue.add((one, many), locations=[(path.relative_to(ROOT).as_posix(), 0)])
    for module, text in declared_texts():
        catalogue.add(text, locations=[(module, 0)])
    return catalogue


def counted_nouns(module: ast.Module) -> Iterator[tuple[str, str]]:
    """What `counted` of core/units.py is given in a module, as it says one and as it says many of it."""
    for call in ast.walk(module):
        match call:
            case ast.Call(func=ast.Name("counted"), args=[_, ast.Constant(str() as noun)]):
                yield f"{{count}} {noun}", f"{{count}} {noun}s"


def declared_texts() -> Iterator[tuple[str, str]]:
    """What recipes and metrics say of themselves, by module: kept in English, given to `tr` where it is shown."""
    for name, recipe in RECIPES.items():
        presets = (preset.sentence for preset in recipe.presets.values())
        settings = (text for field in fields_of(recipe.settings) for text in (field.title, field.description))
        for text in filter(None, (recipe.title, *presets, *settings)):
            yield f"inspector/formats/recipes/{name}.py", text
    for meaning in MEANINGS:
        for text in filter(None, (meaning.text, meaning.span, meaning.baseline, meaning.source)):
            yield "inspector/formats/metric_meanings.py", text


def template() -> bytes:
    """The template file, without line numbers and dates, so that it changes only where a text does."""
    file = io.BytesIO()
    write_po(file, texts(), sort_output=True, include_lineno=False, omit_header=True)
    return file.getvalue()


if __name__ == "__main__":
    TEMPLATE.write_bytes(template())
    print(f"{TEMPLATE.relative_to(ROOT)}: {len(texts())} texts")
