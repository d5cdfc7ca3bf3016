"""A diagram: a picture, the question it answers, and words for who cannot see it."""

from base64 import b64encode
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cached_property
from html import escape

from ..domain.errors import ShopError
from .drawing.dot import write_dot
from .drawing.mermaid import write_mermaid
from .drawing.scene import Scene
from .drawing.svg import write_svg
from .drawing.text import clean
from .look import THEMES, Theme


@dataclass(frozen=True)
class Diagram:
    """What a diagram function returns. Displaying it shows the picture, in any notebook.

    `caption` is the question it answers, `alt` tells what is to be seen. `plan` is the scene as
    the code knows it; `arrange` gives places to what has none yet. `own_mermaid` is its Mermaid
    text, where Mermaid has a kind of diagram that says it better than a flow chart.
    """

    name: str
    title: str
    caption: str
    alt: str
    plan: Scene
    arrange: Callable[[Scene], Scene] | None = None
    own_mermaid: str = ""
    theme: Theme = THEMES["light"]

    @cached_property
    def scene(self) -> Scene:
        """Everything that is drawn, and where."""
        return self.arrange(self.plan) if self.arrange else self.plan

    def themed(self, name: str) -> "Diagram":
        """Return the same diagram on a "light" or a "dark" screen, or in "print"."""
        if name not in THEMES:
            raise ShopError(f"there is no theme {name!r}; there are {', '.join(THEMES)}")
        return replace(self, theme=THEMES[name])

    @property
    def dot(self) -> str:
        """The diagram in DOT, Graphviz' language."""
        return write_dot(self.plan, self.name, self.title, self.caption, self.theme)

    @property
    def svg(self) -> str:
        return write_svg(self.scene, self.name, self.title, self.alt, self.caption, self.theme)

    @property
    def png(self) -> bytes:
        from .drawing.png import write_png  # noqa: PLC0415  most readers are content with the SVG

        return write_png(self.svg)

    @property
    def mermaid(self) -> str:
        """The diagram in Mermaid, for Markdown."""
        return self.own_mermaid or write_mermaid(self.plan, self.title, self.alt, self.theme)

    def _repr_html_(self) -> str:
        """An image, which a notebook shows whether it is trusted or not."""
        data = b64encode(self.svg.encode()).decode()
        return (
            f'<figure style="margin:0"><img alt="{escape(clean(self.alt))}" '
            f'src="data:image/svg+xml;base64,{data}" style="max-width:100%">'
            f"<figcaption>{escape(clean(self.title))}</figcaption></figure>"
        )

    def __repr__(self) -> str:
        return f"<diagram {self.name!r}: {self.title}. {self.alt}>"
