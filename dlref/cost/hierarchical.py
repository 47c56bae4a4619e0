r"""Hierarchical attention's cost: sub-quadratic, yet not linear.

Tokens attend within their segment, then one vector for each segment attends to the
others. For n tokens in S equal segments that makes

$$
C(S) = \frac{n^2}{S} + S^2
$$

pairs instead of n². Its minimum lies at S = (n² / 2)^(1/3) and grows like n^(4/3). Only
pairs are saved: projections and feed-forward layers see every token as before, and S
vectors more.

Segments that do not divide evenly differ by one token at most, as `numpy.array_split`
cuts them; padding to equal lengths would cost more.

Source: Chalkidis et al. 2022, "An Exploration of Hierarchical Attention Transformers for
Efficient Long Document Classification". https://arxiv.org/abs/2210.05529

Question: [DL0041][dl0041]
"""

from dlref._arguments import public
from dlref._checks.attention import check_segments
from dlref._checks.numbers import check_sizes

__all__ = ["best_num_segments", "hierarchical_pairs"]


@public
def hierarchical_pairs(num_tokens: int, num_segments: int) -> int:
    """Count the pairs within all segments, and those between the segments' vectors.

    Args:
        num_tokens: Number n of tokens.
        num_segments: Number S ≤ n of segments.

    Returns:
        Number of pairs of a query and a key, for one head. Flat attention has n².

    Raises:
        TypeError: If a size is not an integer.
        ValueError: If a size is below 1, or a segment would be empty.

    Example:
        ```python
        from dlref.cost import hierarchical_pairs

        pairs = hierarchical_pairs(4096, 256)  # 256 · 16² + 256²
        print(f"{pairs:,}: {4096**2 / pairs:.0f} times fewer")
        print(hierarchical_pairs(7, 3))  # 3² + 2² + 2² + 3²
        ```

        ```text {.output}
        131,072: 128 times fewer
        26
        ```
    """
    check_segments(num_tokens, num_segments)

    length, longer = divmod(num_tokens, num_segments)
    within = longer * (length + 1) ** 2 + (num_segments - longer) * length**2
    return within + num_segments**2


@public
def best_num_segments(num_tokens: int) -> int:
    """Find the number of segments with the fewest pairs.

    The count is convex in S, so halving the range finds the exact minimum at any length.
    There is only one: S segments and S + 1 give counts of different parity.

    Args:
        num_tokens: Number n of tokens.

    Returns:
        Number S of segments.

    Raises:
        TypeError: If num_tokens is not an integer.
        ValueError: If num_tokens is below 1.

    Example:
        ```python
        from dlref.cost import best_num_segments, hierarchical_pairs

        best = best_num_segments(4096)
        print(best, hierarchical_pairs(4096, best), f"{(4096**2 / 2) ** (1 / 3):.0f}")
        ```

        ```text {.output}
        205 123869 203
        ```
    """
    check_sizes(num_tokens=num_tokens)

    low, high = 1, num_tokens
    while low < high:
        middle = (low + high) // 2
        now, next_ = (hierarchical_pairs(num_tokens, s) for s in (middle, middle + 1))
        low, high = (low, middle) if now < next_ else (middle + 1, high)
    return low
