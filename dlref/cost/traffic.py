r"""Attention's traffic: numbers between the memory of a GPU and its chip, for one head.

Plain attention, one operation after another, and FlashAttention, block by block, move

$$
\begin{aligned}
T_{\text{naive}} &= 4nd_k + 4n^2 \\
T_{\text{flash}} &= 2nd_k \\
&\quad + 3nd_k \left\lceil \frac{n}{\lceil M / (4d_k) \rceil} \right\rceil
\end{aligned}
$$

numbers for n tokens and a head of width d_k. Plain attention reads queries, keys and
values and writes the output; it writes the n² scores and reads them, then the weights.
FlashAttention keeps those on the chip. With room for M numbers there, a block has
⌈M / 4d_k⌉ keys; for each block, all queries and outputs come in, and the outputs go out.

The latter is about 12 n²d_k² / M: still *quadratic* in n. What becomes linear is the
memory. The maximum and the sum of each query and block are left out: 4 beside 3d_k.

Source: Dao et al. 2022, "FlashAttention", algorithms 0 and 1, theorem 2.
https://arxiv.org/abs/2205.14135

Question: [DL0054][dl0054]
"""

from dlref._arguments import public
from dlref._checks.attention import check_traffic

__all__ = ["attention_traffic"]


@public
def attention_traffic(queries: int, head_dim: int, *, sram: int | None = None) -> int:
    """Count the numbers that attention moves to the chip and back, for one head, forward.

    Args:
        queries: Tokens n, all of which see each other.
        head_dim: Width d of a query, a key and a value.
        sram: Numbers M that the chip has room for, for FlashAttention as in its
            algorithm 1. None is attention one operation after another.

    Returns:
        Numbers that are read and written. Times 2, it is bytes in 16 bits.

    Raises:
        TypeError: If a size is not an integer.
        ValueError: If a size is below 1, or sram has no room for one vector.

    Example:
        ```python
        from dlref.cost import attention_traffic

        for n in 1024, 8192:
            naive, flash = attention_traffic(n, 64), attention_traffic(n, 64, sram=51_200)
            print(f"{naive:11,} {flash:10,}: {naive / flash:.1f} times less")
        ```

        ```text {.output}
          4,456,448  1,310,720: 3.4 times less
        270,532,608 65,536,000: 4.1 times less
        ```
    """
    check_traffic(queries, head_dim, sram)

    vectors = queries * head_dim
    if sram is None:
        return 4 * vectors + 4 * queries**2
    block = -(-sram // (4 * head_dim))
    return 2 * vectors + 3 * vectors * -(-queries // block)
