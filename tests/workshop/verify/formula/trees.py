"""Random expressions, and how an author would write them."""

from hypothesis import strategies as st

from workshop.verify.formula.tree import (
    Big,
    Binary,
    Call,
    Fenced,
    Name,
    Negative,
    Norm,
    Number,
    Power,
    Transpose,
)

NAMES = {
    "x": Name("x"),
    r"\gamma": Name("gamma"),
    r"\hat m_t": Name("m_hat", (Name("t"),), "t"),
    r"v_{t-1}": Name("v", (Binary("-", Name("t"), Number(1)),), "t_1"),
    r"n_{\text{in}}": Name("n", (), "in"),
    r"\beta_1": Name("beta", (Number(1),), "1"),
    r"p^*": Name("p_star"),
}
LATEX = {name: latex for latex, name in NAMES.items()}
FENCES = {
    "abs": r"\left|%s\right|",
    "floor": r"\lfloor %s \rfloor",
    "ceil": r"\lceil %s \rceil",
    "root": r"\sqrt{%s}",
}


def expressions():
    """Draw a tree of all the kinds that need no other environment."""
    leaves = st.sampled_from(list(NAMES.values())) | st.integers(0, 99).map(Number)
    return st.recursive(leaves, _branches, max_leaves=12)


def arithmetic():
    """Draw a tree of the kinds that Python's own operators have."""
    leaves = st.sampled_from([Name("x"), Name("gamma")]) | st.integers(0, 9).map(Number)
    exponents = st.integers(0, 3).map(Number)
    return st.recursive(
        leaves,
        lambda inner: st.one_of(
            st.builds(Negative, inner),
            st.builds(Binary, st.sampled_from("+-*/"), inner, inner),
            st.builds(Power, inner, exponents),
            st.builds(Fenced, st.just("abs"), inner),
        ),
        max_leaves=12,
    )


def _branches(inner):
    return st.one_of(
        st.builds(Negative, inner),
        st.builds(Binary, st.sampled_from(["+", "-", "*", "o", "/"]), inner, inner),
        st.builds(Power, inner, inner),
        st.builds(Transpose, inner),
        st.builds(Fenced, st.sampled_from(list(FENCES)), inner),
        st.builds(Call, st.just(Name("f")), st.tuples(inner, inner)),
        st.builds(Call, st.just(Name("log")), st.tuples(inner)),
        st.builds(Norm, inner),
        st.builds(
            Big, st.sampled_from(["sum", "prod"]), st.just(("i",)), inner, inner, inner
        ),
    )


def write(tree):
    r"""Write LaTeX that means the tree; brackets where a reader would need them."""
    match tree:
        case Number(value):
            return str(value)
        case Name():
            return LATEX[tree]
        case Negative(operand):
            return f"-{_factor(operand)}"
        case Binary("/", left, right):
            return rf"\frac{{{write(left)}}}{{{write(right)}}}"
        case Binary("+" | "-" as sign, left, right):
            first = write(left) if _is_sum(left) else _factor(left)
            return f"{first} {sign} {_factor(right)}"
        case Binary("o", left, right):
            return rf"{_factor(left)} \odot {_term(right)}"
        case Binary("*", left, right):
            return rf"{_term(left)} \cdot {_power(right)}"
        case Power(base, exponent):
            return f"{_power(base)}^{{{write(exponent)}}}"
        case Transpose(operand):
            return rf"{_power(operand)}^\top"
        case Fenced(kind, operand):
            return FENCES[kind] % write(operand)
        case Call(Name("log"), (argument,)):
            return rf"\log({write(argument)})"
        case Call(_, (first, second)):
            return f"f({write(first)}, {write(second)})"
        case Norm(operand):
            return rf"\lVert {write(operand)} \rVert"
        case Big(kind, (index,), body, first, last):
            bounds = rf"_{{{index}={write(first)}}}^{{{write(last)}}}"
            return rf"\{kind}{bounds} {_power(body)}"
    raise AssertionError(tree)


def _is_sum(tree):
    return isinstance(tree, Binary) and tree.operator in {"+", "-"}


def _factor(tree):
    """Write what stands in a sum: anything but a sum, or a term with a sign."""
    bare = not (_is_sum(tree) or isinstance(tree, Negative))
    return write(tree) if bare else rf"\left({write(tree)}\right)"


def _term(tree):
    r"""Write what stands beside \odot, or begins a product."""
    product = isinstance(tree, Binary) and tree.operator == "*"
    return write(tree) if product else _power(tree)


def _power(tree):
    """Write what stands in a product, or under an exponent."""
    atom = isinstance(tree, Number | Name | Fenced | Norm | Call)
    return write(tree) if atom else rf"\left({write(tree)}\right)"
