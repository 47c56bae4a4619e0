r"""A scalar that records what it was made of, and passes gradients back to that.

Each operation notes its operands and the slope in each. To go backward is to visit the
results before their operands, and to multiply and add:

<!-- formula
x, w = dlref.numpy.autograd.Scalar(real(-3, 3)), dlref.numpy.autograd.Scalar(real(-3, 3))
u, j = (x * w, x + w), range(1, 3)
(u[0] * u[1]).backward()
g_x, g, s = x.gradient, np.array([v.gradient for v in u]), np.array([w.value, 1.0])
-->

$$
g_x = \sum_j g_j\,s_j
$$

where j counts the results that x has a part in, g_j is the gradient in one of them, and
s_j its slope in x. So the gradients of a value that is used twice *add*. A value must
have all its parts before it passes them on: the order is topological. A recursion would
find it too, but not in a graph that is deeper than Python's stack.

Source: PyTorch, "Autograd mechanics", section "How autograd encodes the history".
https://docs.pytorch.org/docs/stable/notes/autograd.html

Question: [DL0060][dl0060]
"""

from dlref.numpy._arguments import public

__all__ = ["Scalar"]


class Scalar:
    """One number of a computation, and the gradient of its result in that number.

    `+`, `*` and `relu` make new ones; the other operand may be a plain number.

    Args:
        value: The number.

    Attributes:
        value: The number.
        gradient: What `backward` has found, 0 until then.

    Raises:
        TypeError: If value is no number.

    Example:
        ```python
        from dlref.numpy.autograd import Scalar

        a = Scalar(3.0)
        y = a * a + a
        y.backward()
        print(y.value, a.gradient)  # 2a + 1
        ```

        ```text {.output}
        12.0 7.0
        ```
    """

    @public
    def __init__(self, value: float) -> None:
        self.value = value
        self.gradient = 0.0
        self._operands: tuple[tuple[Scalar, float], ...] = ()  # each with its slope

    def __add__(self, other: "Scalar | float") -> "Scalar":
        """Add: the slope in both is 1."""
        other = _scalar(other)
        return _made(self.value + other.value, (self, 1.0), (other, 1.0))

    def __mul__(self, other: "Scalar | float") -> "Scalar":
        """Multiply: the slope in one is the other."""
        other = _scalar(other)
        product = self.value * other.value
        return _made(product, (self, other.value), (other, self.value))

    def __repr__(self) -> str:
        """Show the number, and the gradient in it."""
        return f"Scalar({self.value}, gradient={self.gradient})"

    __radd__ = __add__
    __rmul__ = __mul__

    def relu(self) -> "Scalar":
        """Clip at 0: the slope is 1 above it, else 0.

        Returns:
            max(0, value).
        """
        is_open = self.value > 0
        return _made(self.value if is_open else 0.0, (self, float(is_open)))

    def backward(self) -> None:
        """Find the gradient of this number in all that it was made of.

        As in PyTorch, the gradients of inputs add up from call to call, and those of
        results begin anew.
        """
        order = self._order()
        for scalar in order:
            if scalar._operands:
                scalar.gradient = 0.0
        self.gradient += 1.0
        for scalar in reversed(order):
            for operand, slope in scalar._operands:
                operand.gradient += slope * scalar.gradient

    def _order(self) -> "list[Scalar]":
        """List what the number was made of, each after its operands."""
        order: list[Scalar] = []
        seen: set[Scalar] = set()
        to_do = [(self, False)]
        while to_do:
            scalar, is_complete = to_do.pop()
            if is_complete:
                order.append(scalar)
            elif scalar not in seen:
                seen.add(scalar)
                to_do.append((scalar, True))
                to_do += [(operand, False) for operand, _ in scalar._operands]
        return order


def _scalar(value: "Scalar | float") -> Scalar:
    """Take a plain number as a scalar."""
    return value if isinstance(value, Scalar) else Scalar(value)


def _made(value: float, *operands: tuple[Scalar, float]) -> Scalar:
    """Make the result of an operation."""
    result = Scalar(value)
    result._operands = operands
    return result
