"""What stands in a notebook beside a widget, for readers where no widget runs.

JupyterLab shows one form of an output. Where it trusts a notebook but the widget's kernel is gone,
that is a widget that cannot be drawn; so picture and sentences are an output of their own, which
the widget's stylesheet hides as long as the widget is there.
"""

import base64
from collections.abc import Iterable
from html import escape
from typing import Any

from IPython.display import display

# Shown late, so that it does not flash up before the widget is there to hide it.
STYLE = """<style>.cqrs-still { animation: cqrs-still 0s 2s both }
@keyframes cqrs-still { from { display: none } to { display: block } }</style>"""


def still(title: str, svgs: Iterable[str], sentences: Iterable[str]) -> str:
    """Return pictures and sentences as HTML that an untrusted notebook shows, too."""
    name = escape(title)
    pictures = "".join(
        f'<figure><img alt="The steps of: {name}" src="data:image/svg+xml;base64,{_encoded(svg)}">'
        f"<figcaption>{name}</figcaption></figure>"
        for svg in svgs
    )
    items = "".join(f"<li>{escape(sentence)}</li>" for sentence in sentences)
    return f'{STYLE}<div class="cqrs-still">{pictures}<ol>{items}</ol></div>'


def display_with_still(view: dict[str, Any], html: str, text: str) -> None:
    """Show a widget's view, and behind it what a reader sees where it cannot be drawn."""
    show: Any = display
    show(view, raw=True)
    show({"text/html": html, "text/plain": text}, raw=True)


def _encoded(svg: str) -> str:
    return base64.b64encode(svg.encode()).decode()
