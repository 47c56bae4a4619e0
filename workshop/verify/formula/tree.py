r"""What a formula is made of, once it is parsed."""

import keyword
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Number:
    r"""`2`, `0.5`, `\infty`."""

    value: float


@dataclass(frozen=True)
class Name:
    r"""A symbol, with all that belongs to it.

    `\hat m_{t-1}` has the base `m_hat` and the subscript `t_1`: a directive binds it as
    `m_hat_t_1`. An index above, `x^{(i)}_j`, stands before those below: `x__i_j`.
    """

    base: str
    indices: tuple["Expression", ...] = ()
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
    r"""Two operands: `a + b`, `a b`, `\frac{a}{b}`, `a \odot b`, `a \cup b`.

    The operator is + or -, * for a product, / for a fraction too, o for entry by entry, x
    for an asterisk, % for a remainder, and |, & or a backslash between sets.
    """

    operator: str
    left: "Expression"
    right: "Expression"


@dataclass(frozen=True)
class Power:
    r"""`a^b`; with `entrywise`, `a^{\odot b}`."""

    base: "Expression"
    exponent: "Expression"
    entrywise: bool = False


@dataclass(frozen=True)
class Transpose:
    r"""`a^\top`."""

    operand: "Expression"


@dataclass(frozen=True)
class Fenced:
    r"""A pair of delimiters that does something: abs, floor, ceil, round, or a root."""

    kind: str
    operand: "Expression"


@dataclass(frozen=True)
class Norm:
    r"""`\|x\|`, `\|x\|_1`, `\|A\|_F`: the order as it is written, if it is."""

    operand: "Expression"
    order: "Expression | None" = None


@dataclass(frozen=True)
class Element:
    """`f(x)_i`, `[A]_{i,j}`: an entry of what is no name, counted from 1."""

    whole: "Expression"
    indices: tuple["Expression", ...]


@dataclass(frozen=True)
class Series:
    r"""`x_1 + x_2 + \dots + x_n`: what stands before the dots, and the last one."""

    operator: str
    first: tuple["Expression", ...]
    last: "Expression"


@dataclass(frozen=True)
class Listing:
    r"""`(a, b)`, `[a, b)`, `\{a, b\}`: a vector, an interval or a set."""

    entries: tuple["Expression", ...]
    brackets: str


@dataclass(frozen=True)
class Space:
    r"""`\mathbb{R}^{m \times n}`, `\mathbb{R}_+`, `[0, 1]^n`: arrays of a shape.

    Attributes:
        entries: What each entry lies in: a letter, a set or an interval.
        sign: What stands below the letter.
        axes: The shape; of the letter's own numbers, none.
    """

    entries: "str | Listing"
    sign: str = ""
    axes: "tuple[Expression, ...]" = ()


@dataclass(frozen=True)
class Matrix:
    r"""The rows of a `pmatrix` or `bmatrix`."""

    rows: tuple[tuple["Expression", ...], ...]


@dataclass(frozen=True)
class Truth:
    r"""`[i < j]`, `\mathbb{1}[i < j]`: 1 where it holds, 0 where it does not."""

    condition: "Claim | Logical"


@dataclass(frozen=True)
class Given:
    """`y = 1` among arguments: the value at which the function is asked."""

    name: Name
    value: "Expression"


@dataclass(frozen=True)
class Big:
    r"""`\sum`, `\prod`, `\max`, `\arg\min`, `\mathbb{E}`, over what its index takes.

    Attributes:
        indices: What it sums over.
        first, last: The bounds.
        among: The set that the index is in. Without it and bounds, it is bound to one.
        condition: What must hold of the indices, as in `\sum_{j \neq i}`.
        law: The weights, as p in `\mathbb{E}_{x \sim p}`.
    """

    kind: str
    indices: tuple[str, ...]
    body: "Expression"
    first: "Expression | None" = None
    last: "Expression | None" = None
    among: "Expression | None" = None
    condition: "Claim | Logical | None" = None
    law: "Expression | None" = None


@dataclass(frozen=True)
class Derivative:
    r"""`\frac{\partial f}{\partial x}`, `\nabla_x f`, once for each of the names."""

    operand: "Expression"
    names: tuple[Name, ...]


@dataclass(frozen=True)
class Integral:
    r"""`\int_a^b f(x)\,dx`; without bounds, over all numbers."""

    variable: str
    low: "Expression"
    high: "Expression"
    body: "Expression"


@dataclass(frozen=True)
class At:
    """`f|_{x=0}`."""

    operand: "Expression"
    name: Name
    value: "Expression"


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
    right: "Claim | Logical"


Expression = (
    Number
    | Name
    | Call
    | Negative
    | Binary
    | Power
    | Transpose
    | Fenced
    | Norm
    | Element
    | Series
    | Listing
    | Space
    | Matrix
    | Truth
    | Given
    | Big
    | Derivative
    | Integral
    | At
    | Cases
)

_SPELLED = {
    "+": "plus",
    "<": "lt",
    ">": "gt",
    ":": "to",
    "leq": "le",
    "geq": "ge",
    "'": "prime",
    "|": "given",
}


def identifier(parts: "list[str]") -> str:
    """Make the parts of a subscript a name: `t - 1` is `t_1`, `t + 1` is `t_plus_1`."""
    text = "".join(f"_{_SPELLED[x]}_" if x in _SPELLED else x for x in parts)
    return re.sub(r"[\W_]+", "_", text).strip("_")


def free(tree: Any) -> set[str]:
    """The names in an expression, indices too, but for those that it runs through.

    Nor is a set, in which something lies, one that a claim must hold for each value of.
    """
    if isinstance(tree, tuple):
        return set().union(*map(free, tree))
    if not hasattr(tree, "__dataclass_fields__"):
        return set()
    inside = free(tuple(vars(tree).values()))
    match tree:
        case Claim(sides, relations):
            behind = zip(sides, ("", *relations), strict=True)
            return free(tuple(x for x, sign in behind if not _is_set(x, sign)))
        case Name():
            return {tree.identifier, *inside}
        case Big(indices=indices, among=among):
            whole = {among.identifier} if isinstance(among, Name) else set()
            return inside - {*indices} - whole
        case Integral(variable):
            return inside - {variable}
        case At(operand, name, value):
            return (free(operand) - {name.identifier}) | free(value)
    return inside


def _is_set(side: Expression, relation: str) -> bool:
    return isinstance(side, Name) and relation in {r"\in", r"\notin"}


def parts(tree: Any) -> Iterator[Any]:
    """An expression and all its parts, however deep."""
    if isinstance(tree, tuple):
        for part in tree:
            yield from parts(part)
    elif hasattr(tree, "__dataclass_fields__"):
        yield tree
        yield from parts(tuple(vars(tree).values()))
