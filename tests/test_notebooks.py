"""Every notebook is committed clean, and runs from top to bottom wherever it lies."""

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient

FOLDER = Path(__file__).parent.parent / "notebooks"


def git(*arguments: str) -> str:
    """Return what git says of the notebooks; nothing where there is no git or no checkout."""
    command = ["git", *arguments]
    try:
        done = subprocess.run(
            command, cwd=FOLDER, capture_output=True, encoding="utf-8", check=False
        )
    except OSError:
        return ""
    return done.stdout if done.returncode == 0 else ""


def committed(name: str) -> str:
    """Return the text of a notebook as git has it, staged or committed.

    The file itself may hold outputs, for JupyterLab saves them there while somebody reads it.
    """
    return git("show", f":./{name}") or (FOLDER / name).read_text(encoding="utf-8")


NAMES = sorted(
    git("ls-files", "*.ipynb").splitlines() or (path.name for path in FOLDER.glob("*.ipynb"))
)
each_notebook = pytest.mark.parametrize("name", NAMES)


def read(name: str) -> nbformat.NotebookNode:
    return nbformat.reads(committed(name), as_version=4)


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


def test_what_jupyterlab_saves_while_somebody_reads_is_not_what_is_tested(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(sys.modules[__name__], "FOLDER", tmp_path)
    notebook = tmp_path / "n.ipynb"
    notebook.write_text("clean")
    assert committed("n.ipynb") == "clean"
    git("init")
    git("add", "n.ipynb")
    if not git("ls-files"):
        pytest.skip("no git is installed here")
    notebook.write_text("with outputs")
    assert committed("n.ipynb") == "clean"


@each_notebook
def test_a_notebook_is_committed_clean(name: str):
    notebook = read(name)
    nbformat.validate(notebook)
    assert notebook.metadata.kernelspec.name == "python3"
    assert "widgets" not in notebook.metadata
    for cell in code_cells(notebook):
        assert cell.outputs == []
        assert cell.execution_count is None


@each_notebook
def test_cells_have_readable_ids_and_are_short(name: str):
    stored = json.loads(committed(name))
    ids = [cell["id"] for cell in stored["cells"]]
    assert len(set(ids)) == len(ids)
    assert all(len(each) > 2 and each.replace("-", "").isalpha() for each in ids), ids
    for cell in code_cells(read(name)):
        assert len(cell.source.splitlines()) <= 30, cell.id


@each_notebook
def test_a_notebook_runs_wherever_it_lies(name: str, tmp_path: Path):
    notebook = read(name)
    run(notebook, tmp_path)
    assert [*errors_in(notebook)] == []


@pytest.mark.parametrize("rung", ["crud", "event-sourced"])
def test_the_first_notebook_runs_on_other_rungs_as_it_promises(rung: str, tmp_path: Path):
    notebook = read(NAMES[0])
    for cell in code_cells(notebook):
        cell.source = cell.source.replace('"two-stores"', f'"{rung}"')
    run(notebook, tmp_path)
    assert [*errors_in(notebook)] == []


def test_an_error_inside_a_widget_is_found(tmp_path: Path):
    source = "import ipywidgets\nwith ipywidgets.Output():\n    1 / 0"
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(source)])
    run(notebook, tmp_path)
    assert any("ZeroDivisionError" in error for error in errors_in(notebook))
