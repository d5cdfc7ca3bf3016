"""Every notebook is committed clean, and runs from top to bottom wherever it lies."""

import json
from collections.abc import Iterator
from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient

NOTEBOOKS = sorted((Path(__file__).parent.parent / "notebooks").glob("*.ipynb"))
each_notebook = pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)


def read(path: Path) -> nbformat.NotebookNode:
    return nbformat.read(path, as_version=4)


def code_cells(notebook: nbformat.NotebookNode) -> list[nbformat.NotebookNode]:
    return [cell for cell in notebook.cells if cell.cell_type == "code"]


def run(notebook: nbformat.NotebookNode, folder: Path) -> None:
    NotebookClient(
        notebook, timeout=60, kernel_name="python3", resources={"metadata": {"path": str(folder)}}
    ).execute()


def errors_in(notebook: nbformat.NotebookNode) -> Iterator[str]:
    """Yield what went wrong. An error inside a widget does not stop a run, so look there too."""
    for cell in code_cells(notebook):
        yield from (json.dumps(o) for o in cell.outputs if o.output_type == "error")
    for states in notebook.metadata.get("widgets", {}).values():
        for widget in states["state"].values():
            text = json.dumps(widget["state"])
            if '"output_type": "error"' in text or "Traceback" in text or "unexpected" in text:
                yield text


@each_notebook
def test_a_notebook_is_committed_clean(path: Path):
    notebook = read(path)
    nbformat.validate(notebook)
    assert notebook.metadata.kernelspec.name == "python3"
    assert "widgets" not in notebook.metadata
    for cell in code_cells(notebook):
        assert cell.outputs == []
        assert cell.execution_count is None


@each_notebook
def test_cells_have_readable_ids_and_are_short(path: Path):
    stored = json.loads(path.read_text(encoding="utf-8"))
    ids = [cell["id"] for cell in stored["cells"]]
    assert len(set(ids)) == len(ids)
    assert all(len(name) > 2 and name.replace("-", "").isalpha() for name in ids), ids
    for cell in code_cells(read(path)):
        assert len(cell.source.splitlines()) <= 30, cell.id


@each_notebook
def test_a_notebook_runs_wherever_it_lies(path: Path, tmp_path: Path):
    notebook = read(path)
    run(notebook, tmp_path)
    assert [*errors_in(notebook)] == []


@pytest.mark.parametrize("rung", ["crud", "event-sourced"])
def test_the_first_notebook_runs_on_other_rungs_as_it_promises(rung: str, tmp_path: Path):
    notebook = read(NOTEBOOKS[0])
    for cell in code_cells(notebook):
        cell.source = cell.source.replace('"two-stores"', f'"{rung}"')
    run(notebook, tmp_path)
    assert [*errors_in(notebook)] == []


def test_an_error_inside_a_widget_is_found(tmp_path: Path):
    source = "import ipywidgets\nwith ipywidgets.Output():\n    1 / 0"
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(source)])
    run(notebook, tmp_path)
    assert any("ZeroDivisionError" in error for error in errors_in(notebook))
