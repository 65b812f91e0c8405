"""Runs notebooks headless: one line each, the executed copy and an HTML page under --out.

A notebook that fails shows the failed cell's trace too, and the exit code is 1.
"""

import argparse
import re
import sys
import time
import warnings
from pathlib import Path

import nbformat
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError, CellTimeoutError, DeadKernelError
from nbconvert import HTMLExporter

# A display may have nothing to show; nbconvert would print a warning of two lines for each.
warnings.filterwarnings("ignore", message="Your element with mimetype")

ANSI = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]")


def execute(path: Path, out: Path, timeout: "int | None") -> "str | None":
    """Runs one notebook, writes its copies, prints its line; returns the failure's text, or None."""
    notebook = nbformat.read(path, as_version=4)
    started: "list[int]" = []
    client = NotebookClient(
        notebook,
        kernel_name=notebook.metadata.get("kernelspec", {}).get("name", "typhoon"),
        timeout=timeout,
        resources={"metadata": {"path": str(path.parent)}},
        on_cell_execute=lambda cell, cell_index: started.append(cell_index),
    )
    begin = time.monotonic()
    failure = None
    trace = ""
    try:
        client.execute()
    except CellExecutionError as error:
        failure = describe(notebook, started, f"{error.ename}: {error.evalue}")
        trace = traceback_of(notebook.cells[started[-1]])
    except (CellTimeoutError, DeadKernelError) as error:
        failure = describe(notebook, started, str(error))
    except Exception as error:  # for one, no such kernelspec
        failure = f"{type(error).__name__}: {error}"
    seconds = time.monotonic() - begin
    html, _ = HTMLExporter().from_notebook_node(notebook, {"metadata": {"name": path.stem}})
    out.mkdir(parents=True, exist_ok=True)
    nbformat.write(notebook, out / path.name)
    (out / f"{path.stem}.html").write_text(html, encoding="utf-8")
    cells = sum(cell.cell_type == "code" for cell in notebook.cells)
    mark, result = ("✓", "ok") if failure is None else ("✗", failure)
    print(f"{mark} {path.name}: {cells} cells, {seconds:.1f} s, {result}\n{trace}", end="", flush=True)
    return failure


def describe(notebook: nbformat.NotebookNode, started: "list[int]", error: str) -> str:
    """Says which cell failed and with what, on one line."""
    if not started:
        return first_line(error)
    count = notebook.cells[started[-1]].get("execution_count")
    label = "" if count is None else f" (In[{count}])"
    return f"cell {started[-1] + 1}{label} failed: {first_line(error)}"


def traceback_of(cell: nbformat.NotebookNode) -> str:
    """The trace that the failed cell shows, indented: where it happened, by line and column."""
    errors = [output for output in cell.outputs if output.output_type == "error"]
    lines = ANSI.sub("", "\n".join(errors[-1].traceback)).splitlines() if errors else []
    return "".join(f"    {line}".rstrip() + "\n" for line in lines)


def first_line(text: str) -> str:
    return ANSI.sub("", text).strip().split("\n")[0]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--timeout", type=int, help="seconds that one cell may take; without a limit by default")
    parser.add_argument("files", nargs="+", type=Path)
    options = parser.parse_args()
    names = [file.name for file in options.files]
    failed = False
    for file in options.files:
        if names.count(file.name) > 1:
            print(f"✗ {file}: another notebook has the same name, and out/ holds one of each; run them one by one")
            failed = True
        elif not file.is_file():
            print(f"✗ {file}: no such file")
            failed = True
        elif execute(file, options.out, options.timeout) is not None:
            failed = True
    return int(failed)


if __name__ == "__main__":
    sys.stdout.reconfigure(encoding="utf-8")
    sys.exit(main())
