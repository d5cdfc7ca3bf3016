"""Diagrams as files, and the page that shows them all."""

import re
from collections.abc import Callable, Iterable
from pathlib import Path

from ..domain.errors import ShopError
from .diagram import Diagram
from .drawing.text import clean
from .files import marked, write_all
from .look import THEMES

# format -> the ending of its files, and how a diagram is written in it
FORMATS: dict[str, tuple[str, Callable[[Diagram], bytes]]] = {
    "svg": ("svg", lambda diagram: diagram.svg.encode()),
    "png": ("png", lambda diagram: diagram.png),
    "dot": ("dot", lambda diagram: diagram.dot.encode()),
    "mermaid": ("mmd", lambda diagram: diagram.mermaid.encode()),
}
COMMITTED = "svg,png,dot,mermaid"  # what the folder diagrams/ holds
GALLERY = "README.md"


def drawn(names: Iterable[str] = (), theme: str = "light") -> list[Diagram]:
    """Draw the diagrams of these names, all if there are none. Raises ShopError."""
    from .diagrams import DIAGRAMS  # noqa: PLC0415  --help needs no diagrams

    for name in names:
        _require(name, DIAGRAMS, "diagram")
    return [DIAGRAMS[name]().themed(theme) for name in names or DIAGRAMS]


def _require(name: str, known: Iterable[str], what: str) -> None:
    if name not in known:
        raise ShopError(f"there is no {what} {name!r}; there are {', '.join(known)}")


def require_known(formats: Iterable[str], theme: str) -> None:
    """Raise ShopError, with the list of what exists, for a format or theme that does not."""
    for format in formats:
        _require(format, FORMATS, "format")
    _require(theme, THEMES, "theme")


def file_name(diagram: Diagram, format: str) -> str:
    """Return the name of a diagram's file; those of the light theme are named after it alone."""
    theme = "" if diagram.theme.name == "light" else f".{diagram.theme.name}"
    return f"{diagram.name}{theme}.{FORMATS[format][0]}"


def files_of(diagrams: Iterable[Diagram], formats: Iterable[str]) -> dict[str, bytes]:
    """Return name and content of every file."""
    formats = tuple(formats)
    named = {
        file_name(diagram, format): FORMATS[format][1](diagram)
        for diagram in diagrams
        for format in formats
    }
    return {name: marked(name, content) for name, content in named.items()}


def write(
    folder: Path, diagrams: list[Diagram], formats: Iterable[str], gallery: bool, force: bool
) -> list[str]:
    """Write diagrams, and the page that shows them if wanted; return the names of the files."""
    files = files_of(diagrams, formats)
    if gallery:
        files[GALLERY] = marked(GALLERY, gallery_page(diagrams).encode())
    write_all(folder, files, force)
    return list(files)


def gallery_page(diagrams: Iterable[Diagram]) -> str:
    """Return the page of the folder: for each picture what it shows, and how to have it."""
    return HEAD + "\n".join(map(_entry, diagrams))


def in_markdown(text: str) -> str:
    """Return text that Markdown shows as it is."""
    return re.sub(r"([\\`*_\[\]<>|#!$~])", r"\\\1", clean(text)).replace("&", "&amp;")


def in_code(text: str) -> str:
    """Return text that may stand between backticks."""
    return clean(text).replace("`", "'")


HEAD = f"""\
# Pictures for your notes

Every picture is drawn from the code of this project: what runs is what is shown. Each one answers
the question under it. All of them are redrawn by

    python -m cqrs_demo diagrams --out diagrams --format {COMMITTED} --gallery

and `--theme dark` or `--theme print` draws them for another ground. Those of a shop of your own
are functions: `from cqrs_demo.visuals.diagrams import event_map` and `event_map(shop)`. A whole
note, with code and a table, is written by `python -m cqrs_demo notes --out DIR`.

"""


def _entry(diagram: Diagram) -> str:
    name, alt = diagram.name, in_markdown(diagram.alt)
    return f"""\
## {in_markdown(diagram.title)}

![{alt}]({name}.svg)

**{in_markdown(diagram.caption)}** {alt}

- as a [PNG]({name}.png), as [Mermaid text]({name}.mmd) or as [DOT]({name}.dot)
- to embed it: `![{in_code(diagram.title)}](diagrams/{name}.svg)`
- to redraw it: `python -m cqrs_demo diagrams {name} --out diagrams --format {COMMITTED}`
"""
