"""Make the template of all texts that can be translated again: resources/languages/run-inspector.pot.

Run it in an environment with the extra `test`:  .venv/bin/python packaging/make_texts.py
Translations that are named are checked instead: .venv/bin/python packaging/make_texts.py de.po
"""

from __future__ import annotations

import ast
import io
import sys
from collections.abc import Iterable, Iterator
from functools import reduce
from pathlib import Path

from babel.messages.catalog import Catalog, Message
from babel.messages.pofile import read_po, write_po

from inspector.core.language import places
from inspector.formats.metric_meanings import MEANINGS
from inspector.formats.recipes.catalogue import RECIPES
from inspector.formats.setting_fields import fields_of

ROOT = Path(__file__).parent.parent
TEMPLATE = ROOT / "resources" / "languages" / "run-inspector.pot"


def texts() -> Catalog:
    """Every text of the program that can be translated, and which modules say it."""
    catalogue = Catalog(project="Run Inspector", fuzzy=False)
    for path in sorted((ROOT / "inspector").rglob("*.py")):
        for text in marked_texts(ast.parse(path.read_text(encoding="utf-8"))):
            catalogue.add(text, locations=[(path.relative_to(ROOT).as_posix(), 0)])
    for module, text in declared_texts():
        catalogue.add(text, locations=[(module, 0)])
    return catalogue


def marked_texts(module: ast.Module) -> Iterator[str | tuple[str, str]]:
    """The literals in a module that are given to `tr` there or later; those that count as one and as many."""
    for call in ast.walk(module):
        match call:
            case ast.Call(func=ast.Name("tr" | "tr_later"), args=[ast.Constant(str() as text)]):
                yield text
            case ast.Call(func=ast.Name("tr_many"), args=[ast.Constant(str() as one), ast.Constant(str() as many), _]):
                yield one, many
            case ast.Call(func=ast.Name("tr_counted"), args=[_, ast.Constant(str() as noun)]):  # of core/language.py
                yield f"{{count}} {noun}", f"{{count}} {noun}s"
            case ast.Call(
                func=ast.Name("Command"),  # of app/commands.py
                args=[_, ast.Constant(str() as title), ast.Tuple(), _, ast.Constant(str() as tip)],
            ):
                yield from (title, tip)


def declared_texts() -> Iterator[tuple[str, str]]:
    """What recipes and metrics say of themselves, by module: kept in English, given to `tr` where it is shown."""
    for name, recipe in RECIPES.items():
        presets = (preset.sentence for preset in recipe.presets.values())
        settings = (
            text for field in fields_of(recipe.settings) for text in (field.title, field.description, field.unit)
        )
        for text in filter(None, (recipe.title, *presets, *settings)):
            yield f"inspector/formats/recipes/{name}.py", text
    for meaning in MEANINGS:
        for text in filter(None, (meaning.text, meaning.span, meaning.baseline, meaning.source)):
            yield "inspector/formats/metric_meanings.py", text


def template(catalogue: Catalog) -> bytes:
    """The template file, without line numbers and dates, so that it changes only where a text does."""
    file = io.BytesIO()
    write_po(file, catalogue, sort_output=True, include_lineno=False, omit_header=True)
    return file.getvalue()


def faults(catalogue: Catalog) -> Iterator[str]:
    """What is wrong with a translation; the program says in English what it could not fill in."""
    for message in catalogue:
        if message.id and not message.fuzzy and (said := [form for form in _forms(message.string) if form]):
            if message.pluralizable and len(said) != catalogue.num_plurals:
                yield f"{_forms(message.id)[0]!r} has {len(said)} forms, and the language {catalogue.num_plurals}"
            yield from _faults_of(message, said)


def _faults_of(message: Message, said: Iterable[str]) -> Iterator[str]:
    known = [places(text) for text in _forms(message.id)]
    every, needed = reduce(frozenset.union, known), reduce(frozenset.intersection, known)
    for form in said:
        try:
            found = places(form)
        except ValueError as error:
            yield f"{form!r} cannot be filled in: {error}"
            continue
        for more in sorted(found - every):
            yield f"{form!r} has {_place(*more)}, which {_forms(message.id)[-1]!r} has not"
        for lost in sorted(needed - found):
            yield f"{form!r} lacks {_place(*lost)} of {_forms(message.id)[-1]!r}"


def _forms(texts: str | Iterable[str] | None) -> tuple[str, ...]:
    return (texts,) if isinstance(texts, str) else tuple(texts or ())


def _place(name: str, conversion: str, form: str) -> str:
    return f"{{{name}{f'!{conversion}' if conversion else ''}{f':{form}' if form else ''}}}"


def _check(paths: Iterable[str]) -> int:
    """Tell what is wrong with translations; 1 where anything is."""
    told = [f"{path}: {fault}" for path in paths for fault in faults(read_po(io.BytesIO(Path(path).read_bytes())))]
    print("\n".join(told) or "All can be filled in")
    return int(bool(told))


if __name__ == "__main__":
    if sys.argv[1:]:
        sys.exit(_check(sys.argv[1:]))
    found = texts()
    TEMPLATE.write_bytes(template(found))
    print(f"{TEMPLATE.relative_to(ROOT)}: {len(found)} texts")
