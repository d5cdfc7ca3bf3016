"""Mermaid's own parser takes every diagram, and shows what the diagram says."""

import pytest

from cqrs_demo.visuals.diagrams import DIAGRAMS


@pytest.mark.parametrize("name", DIAGRAMS)
def test_mermaid_draws_it(name, mermaid):
    diagram = DIAGRAMS[name]()
    svg = mermaid(diagram.mermaid).svg
    assert "Syntax error" not in svg
    assert "Unsupported markdown" not in svg
    assert diagram.title in svg
    if not diagram.own_mermaid:
        for node in diagram.scene.all_nodes():
            assert node.quiet or node.shape == "start" or _found(node.label, svg), node.label


def _found(label, svg):
    return label.replace("&", "&amp;") in svg


def test_the_parser_really_refuses_nonsense(mermaid):
    with pytest.raises(Exception, match=r"Parse error|Syntax"):
        mermaid("flowchart LR\n  a -->")
