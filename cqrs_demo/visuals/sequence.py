"""A recording as a sequence: Mermaid text, an SVG picture, a PNG picture.

All three show the same moves (sequence_moves). Both pictures paint the same marks: sequence_layout
decides what stands where, sequence_paint only puts it there.
"""

from .sequence_layout import layout
from .sequence_mermaid import to_mermaid
from .sequence_paint import to_png, to_svg

__all__ = ["layout", "to_mermaid", "to_png", "to_svg"]
