"""Graphviz: finding an engine, and asking it where things should stand.

The package graphviz-pure brings an engine along. Where it cannot run, a `dot` that is installed on
the system does as well. Graphviz only chooses the places; svg.py draws, so that every picture has
one look, and so that a label fits whatever fonts the engine knows.
"""

import json
import shutil
import subprocess
import sys
import sysconfig
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

from ...domain.errors import ShopError
from .dot import layout_dot
from .scene import Link, Node, Scene
from .shapes import path

NO_ENGINE = (
    "no Graphviz engine runs here; install one: pip install graphviz-pure, or the program dot "
    "(DOT and Mermaid text need none)"
)


@cache
def engine() -> str:
    """Return the first engine that runs. Raises ShopError and says what to install."""
    suffix = ".exe" if sys.platform == "win32" else ""
    ours = Path(sysconfig.get_path("scripts")) / f"graphviz-pure{suffix}"
    candidates = (str(ours), shutil.which("graphviz-pure"), shutil.which("dot"))
    for candidate in filter(None, candidates):
        try:
            run(candidate, "digraph { a }", "-Tplain")
        except (OSError, ShopError):
            continue
        return candidate
    raise ShopError(NO_ENGINE)


def run(program: str, dot: str, *options: str) -> bytes:
    """Run an engine on DOT text and return what it writes."""
    done = subprocess.run(
        [program, *options], input=dot.encode(), capture_output=True, check=False, timeout=60
    )
    if done.returncode:
        problem = done.stderr.decode(errors="replace").strip() or f"exit code {done.returncode}"
        raise ShopError(f"Graphviz: {problem}")
    return done.stdout


def arranged(scene: Scene) -> Scene:
    """Return the scene with the places, lines and labels where Graphviz puts them."""
    plan = json.loads(run(engine(), layout_dot(scene), "-Tjson"))
    right, top = (float(x) for x in plan["bb"].split(",")[2:])
    centres = {x["name"]: _point(x["pos"], top) for x in plan["objects"] if "pos" in x}
    ways = {edge["id"]: edge for edge in plan.get("edges", [])}
    nodes = tuple(_moved(node, centres) for node in scene.nodes)
    links = tuple(_drawn(link, ways[f"e{n}"], top) for n, link in enumerate(scene.links))
    return replace(scene, nodes=nodes, links=links, width=right, height=top)


def _moved(node: Node, centres: dict[str, tuple[float, float]]) -> Node:
    x, y = centres[node.id]
    return replace(node, x=x, y=y)


def _drawn(link: Link, edge: dict[str, Any], top: float) -> Link:
    """Return the link as a curve: Graphviz gives Bezier points, and the arrow's tip apart."""
    parts = edge["pos"].split()
    tips = {part[0]: _point(part[2:], top) for part in parts if part[0] in "se"}
    first, *others = [_point(part, top) for part in parts if part[0] not in "se"]
    drawn = path("M", *tips["s"], "L", *first) if "s" in tips else path("M", *first)
    drawn += path(" C", *(number for point in others for number in point))
    drawn += path(" L", *tips["e"]) if "e" in tips else ""
    x, y = _point(edge["lp"], top) if "lp" in edge else (0.0, 0.0)
    return replace(link, path=drawn, at=(x, y + 4.5))


def _point(text: str, top: float) -> tuple[float, float]:
    """Return a point as a page counts: Graphviz counts upwards."""
    x, y = text.strip("!").split(",")[:2]
    return round(float(x), 1), round(top - float(y), 1)
