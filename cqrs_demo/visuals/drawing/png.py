"""An SVG as PNG, painted by resvg with one set of fonts, so that it looks the same everywhere."""

from functools import cache
from importlib.util import find_spec
from pathlib import Path

import resvg_py

from ...domain.errors import ShopError

ZOOM = 2  # a picture is shown on large screens


def write_png(svg: str, zoom: float = ZOOM) -> bytes:
    """Return the picture as PNG. Letters that DejaVu Sans lacks (Chinese, most emoji) are boxes."""
    return bytes(
        resvg_py.svg_to_bytes(
            svg_string=svg,
            zoom=zoom,
            skip_system_fonts=True,
            font_files=list(_fonts()),
            sans_serif_family="DejaVu Sans",
            monospace_family="DejaVu Sans Mono",
        )
    )


@cache
def _fonts() -> tuple[str, ...]:
    """Return the files of the fonts that come with matplotlib, which need not be imported."""
    found = find_spec("matplotlib")
    if found is None or found.origin is None:
        raise ShopError("PNG needs the fonts of matplotlib: pip install matplotlib")
    folder = Path(found.origin).parent / "mpl-data" / "fonts" / "ttf"
    names = ("DejaVuSans", "DejaVuSans-Bold", "DejaVuSansMono")
    return tuple(str(folder / f"{name}.ttf") for name in names)
