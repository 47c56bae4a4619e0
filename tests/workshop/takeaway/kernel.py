"""Runs a notebook as Jupyter does: one process, one namespace, its cells in order."""

import ast
import contextlib
import io
import json
import shlex
import subprocess
import sys
import traceback
import types
from pathlib import Path

import matplotlib.pyplot as plt

SHOWN = []


def show():
    """Hand over the open figures, as Jupyter's canvas does."""
    SHOWN.extend(plt.get_fignums())
    plt.close("all")


def run(source, names):
    """Run one cell: what it printed, its last value included, what it raised and drew."""
    SHOWN.clear()
    if source.startswith("%pip "):
        pip = [sys.executable, "-m", "pip", *shlex.split(source.removeprefix("%pip "))]
        done = subprocess.run(pip, capture_output=True, text=True, encoding="utf-8")
        raised = done.stderr if done.returncode else ""
        return {"printed": done.stdout, "raised": raised, "figures": 0}
    *body, last = ast.parse(source).body
    value = isinstance(last, ast.Expr)
    printed, raised = io.StringIO(), ""
    with contextlib.redirect_stdout(printed), contextlib.redirect_stderr(printed):
        try:
            rest = ast.Module(body if value else [*body, last], type_ignores=[])
            exec(compile(rest, "<cell>", "exec"), names)
            if value:
                result = eval(
                    compile(ast.Expression(last.value), "<cell>", "eval"), names
                )
                if result is not None:
                    print(f"Out: {result!r}")
        except Exception as error:
            raised = "".join(traceback.format_exception_only(error)).rstrip("\n")
    return {"printed": printed.getvalue(), "raised": raised, "figures": len(SHOWN)}


def main(file):
    """Print what each code cell of a notebook gave, as JSON, on a line of its own."""
    plt.show = show
    book = json.loads(Path(file).read_text(encoding="utf-8"))
    module = sys.modules["__main__"] = types.ModuleType("__main__")
    cells = ["".join(c["source"]) for c in book["cells"] if c["cell_type"] == "code"]
    print("\n" + json.dumps([run(source, vars(module)) for source in cells]))


if __name__ == "__main__":
    main(sys.argv[1])
