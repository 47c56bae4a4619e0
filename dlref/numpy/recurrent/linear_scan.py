r"""A linear recurrence: a state without tanh, so that all tokens are computed at once.

$$
\begin{aligned}
h_t &= a_t \odot h_{t-1} + b_t \\
h_2 &= (a_2 \odot a_1) \odot h_0 + (a_2 \odot b_1 + b_2)
\end{aligned}
$$

where a and b depend on the tokens alone, never on a state, and h₀ is 0 if nothing else
is said. Two steps are one step of the same kind, and it does not matter which neighbors
are joined first. So n tokens take ⌈log₂ n⌉ rounds. In each of them every token is joined
with the one 1, 2, 4, … before it.

That is how Mamba, minGRU and other recurrences of today train without a loop over the
tokens. In use they go token by token, with a state of fixed size.

Source: Blelloch 1990, "Prefix Sums and Their Applications" (recurrences as scans).
https://www.cs.cmu.edu/~guyb/papers/Ble93.pdf Gu and Dao 2023, "Mamba: Linear-Time
Sequence Modeling with Selective State Spaces". https://arxiv.org/abs/2312.00752 Feng et
al. 2024, "Were RNNs All We Needed?" (minGRU). https://arxiv.org/abs/2410.01201

Question: [DL0079][dl0079]
"""

import numpy as np
from jaxtyping import Float

from dlref._checks.recurrent import check_scan
from dlref.numpy._arguments import public
from dlref.numpy._precision import widened

__all__ = ["linear_scan"]


@public
def linear_scan(
    a: Float[np.ndarray, "*batch tokens d_h"],
    b: Float[np.ndarray, "*batch tokens d_h"],
) -> Float[np.ndarray, "*batch tokens d_h"]:
    """Compute all states of a linear recurrence from zero, in ⌈log₂ n⌉ rounds.

    With a = 1 this is a running sum, and with a = 0 it is b. From a state h₀ that is not
    zero: add a₁h₀ to b₁.

    Args:
        a: Factors of each state, between −1 and 1: products of larger ones would
            overflow, where the recurrence itself may not.
        b: What is added to each state, finite.

    Returns:
        State after each token.

    Raises:
        TypeError: If an array is not floating point, or their dtypes differ.
        ValueError: If shapes differ, there is no axis of tokens, a is beyond ±1, or b is
            not finite.

    Example:
        ```python
        import numpy as np
        from dlref.numpy.recurrent import linear_scan

        a = np.array([[0.5], [0.5], [0.0], [1.0]])
        b = np.array([[8.0], [2.0], [3.0], [4.0]])
        print(linear_scan(a, b)[:, 0].tolist())  # the third token forgets all before it
        ```

        ```text {.output}
        [8.0, 6.0, 3.0, 7.0]
        ```
    """
    check_scan(a, b)

    factor, state, step = widened(a), widened(b), 1
    while step < a.shape[-2]:
        joined = factor[..., step:, :] * state[..., :-step, :] + state[..., step:, :]
        state = np.concatenate([state[..., :step, :], joined], axis=-2)
        joined = factor[..., step:, :] * factor[..., :-step, :]
        factor = np.concatenate([factor[..., :step, :], joined], axis=-2)
        step *= 2
    return state.astype(b.dtype)
