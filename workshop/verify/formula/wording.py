"""What an author reads when a formula does not hold."""

import textwrap
from collections.abc import Mapping
from typing import Any

from workshop.verify.formula.claims import Mismatch
from workshop.verify.formula.tree import Claim, free

_IMPRECISE = {"float32", "float16", "bfloat16"}


def unheld(claim: Claim, wrong: Mismatch, names: Mapping[str, Any]) -> str:
    """Show the claim, what was drawn for its symbols, and both of its sides."""
    values = {**names, **wrong.at}
    drawn = [
        f"{name} = {value}"
        for name, value in values.items()
        if name in free(claim) | {"equals", "tolerance"} and not callable(value)
    ]
    found = [
        f"left of {wrong.relation}:  {wrong.left}",
        f"right of {wrong.relation}: {wrong.right}",
    ]
    for dtype in _IMPRECISE & {_dtype(wrong.left), _dtype(wrong.right)}:
        found.append(f"{dtype} holds few digits: compute in float64, or bind tolerance")
    told = textwrap.indent("\n".join(drawn + found), "  ")
    return f"this does not hold:\n{claim.latex}\nwith\n{told}"


def _dtype(value: Any) -> str:
    return str(getattr(value, "dtype", "")).removeprefix("torch.")
