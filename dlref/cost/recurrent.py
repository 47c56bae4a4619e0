r"""Parameters of a recurrent layer: those of a linear layer, once for each gate.

<!-- formula
d_in, d_h, m, cell = integer(3, 9), integer(10, 19), integer(1, 2), integer(0, 2)
k, name = [(1, "rnn"), (3, "gru"), (4, "lstm")][cell]
P = dlref.cost.recurrent_parameters(name, d_in, d_h, biases=m)
-->

$$
P = k \, (d_h (d_{\text{in}} + d_h) + m \, d_h)
$$

for inputs of width d_in and states of width d_h, with k = 1 in a simple layer, 3 in a GRU
and 4 in an LSTM, and m biases. PyTorch has two. One would do, but in a GRU that resets
after the product.

Source: PyTorch 2.13, documentation of `torch.nn.LSTM`, "Variables" (shapes of the weights
and of both biases). https://docs.pytorch.org/docs/stable/generated/torch.nn.LSTM.html

Question: [DL0079][dl0079]
"""

from dlref._arguments import public
from dlref._checks.recurrent import check_counted
from dlref._choices import Cell

__all__ = ["recurrent_parameters"]

_GATES = {"rnn": 1, "gru": 3, "lstm": 4}


@public
def recurrent_parameters(
    cell: Cell, input_dim: int, hidden_dim: int, *, biases: int = 2
) -> int:
    """Count the weights and biases of one recurrent layer, in one direction.

    A GRU has exactly three quarters of an LSTM.

    Args:
        cell: Kind of layer.
        input_dim: Width d_in of a token.
        hidden_dim: Width d_h of the state.
        biases: Biases m of each gate: 2 in PyTorch, 1 in most formulas.

    Returns:
        Number of parameters.

    Raises:
        TypeError: If a size is not an integer.
        ValueError: If cell is an unknown word, a size is below 1, or biases is not 0, 1
            or 2.

    Example:
        ```python
        from dlref.cost import recurrent_parameters

        for cell in "rnn", "gru", "lstm":
            both = (recurrent_parameters(cell, 256, 512, biases=m) for m in (2, 1))
            print(cell, *(f"{n:,}" for n in both))
        ```

        ```text {.output}
        rnn 394,240 393,728
        gru 1,182,720 1,181,184
        lstm 1,576,960 1,574,912
        ```
    """
    check_counted(cell, biases, input_dim=input_dim, hidden_dim=hidden_dim)

    gate = hidden_dim * (input_dim + hidden_dim) + biases * hidden_dim
    return _GATES[cell] * gate
