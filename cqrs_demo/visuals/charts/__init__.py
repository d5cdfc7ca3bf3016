"""Charts: matplotlib Figure objects in the look of the rest, each with the frame behind it."""

from .style import Chart

__all__ = ["Chart"]
