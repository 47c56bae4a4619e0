r"""What a formula is made of, once it is parsed."""

import keyword
import re
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Number:
    r"""`2`, `0.5`, `\infty`."""

    value: float


@dataclass(frozen=True)
class Name:
    r"""A symbol, with all that belongs to it.

    `\hat m_{t-1}` has the base `m_hat` and the subscript `t_1`: a directive binds it as
    `m_hat_t_1`.
    """

    base: str
    indices: tuple[str, ...] = ()
    subscript: str = ""

    @property
    def identifier(self) -> str:
        """How a directive writes it."""
        name = f"{self.base}_{self.subscript}" if self.subscript else self.base
        return f"{name}_" if keyword.iskeyword(name) else name


@dataclass(frozen=True)
class Call:
    """A function and its arguments."""

    function: Name
    arguments: tuple["Expression", ...]


@dataclass(frozen=True)
class Negative:
    """`-a`."""

    operand: "Expression"


@dataclass(frozen=True)
class Binary:
    r"""`a + b`, `a - b`, `a b` (*), `a \odot b` (o), `a / b` and `\frac{a}{b}` (/)."""

    operator: str
    left: "Expression"
    right: "Expression"


@dataclass(frozen=True)
class Power:
    """`a^b`."""

    base: "Expression"
    exponent: "Expression"


@dataclass(frozen=True)
class Transpose:
    r"""`a^\top`."""

    operand: "Expression"


@dataclass(frozen=True)
class Fenced:
    r"""A pair of delimiters that does something: abs, norm, floor, ceil, or a root."""

    kind: str
    operand: "Expression"


@dataclass(frozen=True)
class Element:
    """`f(x)_i`: an entry of what is no name, counted from 1."""

    whole: "Expression"
    index: "Expression"


@dataclass(frozen=True)
class Listing:
    r"""`H_1, \dots, H_h` among arguments."""

    first: Name
    last: Name


@dataclass(frozen=True)
class Matrix:
    r"""The rows of a `pmatrix` or `bmatrix`."""

    rows: tuple[tuple["Expression", ...], ...]


@dataclass(frozen=True)
class Truth:
    """`[i < j]`: 1 where it holds, 0 where it does not."""

    condition: "Claim | Logical"


@dataclass(frozen=True)
class Big:
    r"""`\sum`, `\prod`, `\arg\min`, with bounds, or none where the index has a range."""

    kind: str
    index: str
    first: "Expression | None"
    last: "Expression | None"
    body: "Expression"


@dataclass(frozen=True)
class Cases:
    """Values with their conditions; a condition of None is *otherwise*."""

    rows: tuple[tuple["Expression", "Claim | Logical | None"], ...]


@dataclass(frozen=True)
class Claim:
    """A chain of sides: each one stands in its relation to the side before it."""

    sides: tuple["Expression", ...]
    relations: tuple[str, ...]
    latex: str = field(default="", compare=False)


@dataclass(frozen=True)
class Logical:
    r"""`i < j \land j < k`, `i < j \lor j < k`."""

    operator: str
    left: "Claim | Logical"
    right: Claim


Expression = (
    Number
    | Name
    | Call
    | Negative
    | Binary
    | Power
    | Transpose
    | Fenced
    | Element
    | Listing
    | Matrix
    | Truth
    | Big
    | Cases
)


def identifier(latex: str) -> str:
    """Make a subscript's text part of a Python name: `t-1` is `t_1`."""
    return re.sub(r"\W+", "_", latex).strip("_")
