"""A recording as a sequence: Mermaid text, an SVG picture, a PNG picture.

All three show the same moves. The picture is laid out in picture.py, as marks that paint.py puts
on the screen or on paper with what all pictures share (drawing/).
"""

from .mermaid import to_mermaid
from .paint import to_png, to_svg
from .picture import layout

__all__ = ["layout", "to_mermaid", "to_png", "to_svg"]
