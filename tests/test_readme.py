"""The README tells the truth: its snippets run, its output is real, its links lead somewhere."""

import ast
import contextlib
import io
import re
import subprocess
import sys
import tempfile
import textwrap
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")
SNIPPETS = re.findall(r"```python\n(.*?)```", README, re.DOTALL)


def run(snippet):
    printed = io.StringIO()
    elsewhere = tempfile.TemporaryDirectory()  # a snippet may write a file
    with elsewhere as folder, contextlib.chdir(folder), contextlib.redirect_stdout(printed):
        exec(compile(snippet, "README.md", "exec"), {"__name__": "readme"})
    return printed.getvalue()


@pytest.mark.parametrize("snippet", SNIPPETS, ids=range(len(SNIPPETS)))
def test_a_snippet_runs(snippet):
    assert run(snippet)


def test_a_snippet_prints_what_the_readme_says():
    promised = re.findall(r"```text\n(.*?)```", README, re.DOTALL)
    assert [run(snippet) for snippet in SNIPPETS[:2]] == promised


def test_a_comment_that_shows_an_output_shows_the_real_one():
    shown = re.findall(r"print\(.*\)  # ([\[\d].*)", README)
    assert shown
    assert all(any(text in run(snippet) for snippet in SNIPPETS) for text in shown)


@pytest.mark.parametrize("link", sorted(set(re.findall(r"\]\(([^)#]+)\)", README))))
def test_a_link_leads_to_something_that_is_there(link):
    assert (ROOT / link).exists()


def test_every_function_named_for_the_walk_exists_where_it_is_said_to_be():
    walk = README[README.index("To follow one order") : README.index("## Make it yours")]
    steps = re.findall(r"`([\w.]+)`(?: and `([\w.]+)`)? \(\[`[\w/.]+`\]\(([\w/.]+)\)", walk)
    assert len(steps) >= 13
    for first, second, file in steps:
        source = (ROOT / file).read_text(encoding="utf-8")
        for name in filter(None, (first, second)):
            kind, _, function = name.rpartition(".")
            assert f"def {function}(" in source, name
            assert f"class {kind}" in source or not kind, name


def test_the_walk_from_send_to_the_document_is_under_200_lines():
    import inspect

    from cqrs_demo import Shop
    from cqrs_demo.domain.order import Order
    from cqrs_demo.domain.product import Product
    from cqrs_demo.event_bus.in_process import InProcessBus
    from cqrs_demo.event_bus.relay import Relay
    from cqrs_demo.eventful_shop import EventfulShop
    from cqrs_demo.read_model import orders
    from cqrs_demo.read_model.documents import SqlDocuments
    from cqrs_demo.read_model.projecting import Projecting
    from cqrs_demo.write_model import handlers
    from cqrs_demo.write_model.dispatching import CommandDispatcher
    from cqrs_demo.write_model.event_log import EventLog
    from cqrs_demo.write_model.state_store import StateWork
    from cqrs_demo.write_model.work import Work

    walk = [EventfulShop.send, Shop.send, CommandDispatcher.send, handlers.place_order]
    walk += [Work.get, Work.save, Order.place, Product.reserve, StateWork._store, EventLog.append]
    walk += [
        Relay.run,
        InProcessBus.publish,
        Projecting.receive,
        Projecting._passes,
        Projecting._try,
    ]
    walk += [Projecting._apply, orders.order_placed, SqlDocuments.put]
    lines = sum(count_code(textwrap.dedent(inspect.getsource(function))) for function in walk)
    assert lines < 200, lines


def count_code(source):
    """Count the lines of a function without blank lines and without its docstring."""
    body = ast.parse(source).body[0].body
    is_documented = isinstance(body[0], ast.Expr) and isinstance(body[0].value, ast.Constant)
    documented = body[0].end_lineno - body[0].lineno + 1 if is_documented else 0
    return sum(bool(line.strip()) for line in source.splitlines()) - documented


def test_minimal_runs_fits_on_a_screen_and_needs_only_the_standard_library():
    path = ROOT / "cqrs_demo" / "minimal.py"
    assert len(path.read_text().splitlines()) <= 80
    found = subprocess.run(
        [sys.executable, "-I", str(path)], capture_output=True, text=True, check=True
    )
    assert found.stdout.splitlines() == [
        "asked too early: {}",
        "asked again:     {'sold': 2, 'last_order': 'order-1'}",
        "refused:         only 1 left",
    ]
