"""A card in a notebook: a task, a hint, a verdict. Plain HTML, which needs no kernel to be read."""

import re
from dataclasses import dataclass
from html import escape
from typing import Any

from ..visuals.pages import stylesheet

CODE = re.compile(r"`([^`\n]+)`")


@dataclass(frozen=True, repr=False)
class Card:
    """`kicker` says what this is, above the title. `code` is shown as it is, line by line.

    `behind` is folded up in HTML and left out of plain text: it would give an answer away. What
    stands between two backticks in a sentence is a name of the program, and looks like code.
    """

    kicker: str
    title: str
    paragraphs: tuple[str, ...] = ()
    items: tuple[str, ...] = ()
    behind: str = ""  # shown only to who asks for it
    code: str = ""
    code_title: str = ""
    remark: str = ""

    def as_html(self) -> str:
        """Return the card with its stylesheet. All text is escaped: it may hold anything."""
        parts = [
            f'<p class="kick">{escape(self.kicker)}</p><h4>{in_html(self.title)}</h4>',
            *(f"<p>{in_html(paragraph)}</p>" for paragraph in self.paragraphs),
        ]
        if self.items:
            items = "</li><li>".join(map(in_html, self.items))
            parts.append(f"<ul><li>{items}</li></ul>")
        if self.behind:
            folded = f"<summary>Show the answer</summary><p>{in_html(self.behind)}</p>"
            parts.append(f"<details>{folded}</details>")
        if self.code:
            title = f'<p class="muted">{escape(self.code_title)}</p>' if self.code_title else ""
            parts.append(f"{title}<pre><code>{escape(self.code)}</code></pre>")
        if self.remark:
            parts.append(f'<p class="muted">{in_html(self.remark)}</p>')
        style = f"<style>{stylesheet('ask.css', scope='.cqrs-ask')}</style>"
        return f'{style}<div class="cqrs-ask"><div class="card">{"".join(parts)}</div></div>'

    def as_text(self) -> str:
        """Return the same in plain lines."""
        code = [self.code_title, self.code.rstrip("\n")] if self.code else []
        lines = [f"{self.kicker}: {self.title}", *self.paragraphs, *self.items, *code, self.remark]
        return "\n".join(filter(None, lines))

    def __repr__(self) -> str:
        return self.as_text()

    def _repr_html_(self) -> str:
        return self.as_html()

    def _ipython_display_(self) -> None:
        display_card(self)


def in_html(sentence: str) -> str:
    """Return a sentence as HTML: `code` as code, and everything as text, whatever it holds."""
    return CODE.sub(r"<code>\1</code>", escape(sentence))


def display_card(card: Card) -> None:
    """Show a card, for trusted and untrusted notebooks alike."""
    from IPython.display import display  # noqa: PLC0415 - only where there is a notebook

    show: Any = display
    html, text = (
        each.encode("utf-8", "backslashreplace").decode()  # half a character cannot be sent
        for each in (card.as_html(), card.as_text())
    )
    show({"text/html": html, "text/plain": text}, raw=True)
