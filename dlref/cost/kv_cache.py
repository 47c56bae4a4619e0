r"""Key/value cache: two vectors for each token, layer and key/value head.

$$
\text{bytes} = 2 \, L \, h_{kv} \, d_k \, b \, m \, B
$$

for L layers with h_kv key/value heads of width d_k, b bytes a number, m tokens in the
cache and B sequences. The 2 is keys and values. The number of *query* heads is not in it:
sharing keys and values between query heads is how grouped-query attention shrinks the
cache. Never take d_model / h for d_k: Qwen3-0.6B has heads of 128 where d_model / h is
64.

Source: Ainslie et al. 2023, "GQA: Training Generalized Multi-Query Transformer Models
from Multi-Head Checkpoints". https://arxiv.org/abs/2305.13245. DeepSeek-AI 2024,
"DeepSeek-V2", Table 1 (elements per token). https://arxiv.org/abs/2405.04434

Question: [DL0043][dl0043]
"""

import math
from fractions import Fraction

from dlref._arguments import public
from dlref._checks.numbers import check_stored

__all__ = ["kv_cache_bytes"]


@public
def kv_cache_bytes(
    num_layers: int,
    num_kv_heads: int,
    head_dim: int,
    num_tokens: int,
    *,
    batch_size: int = 1,
    bytes_per_element: float | Fraction = 2,
) -> int:
    """Multiply the six numbers, and two for keys and values.

    Each sequence has a cache of its own, so a batch multiplies it, unlike the weights. A
    sliding window caps `num_tokens` at its width.

    Args:
        num_layers: Number L of attention layers.
        num_kv_heads: Number h_kv of key/value heads: h in multi-head attention, 1 in
            multi-query attention.
        head_dim: Width d_k of a key and of a value.
        num_tokens: Tokens in the cache, of the prompt and of the answer.
        batch_size: Number of sequences.
        bytes_per_element: Two for float16 and bfloat16, four for float32, one for int8,
            0.5 for 4 bits. Scales come on top: 4 bits and 16 more for each 64 numbers
            are 4.25/8.

    Returns:
        Bytes, exact; a part of one is a whole one.

    Raises:
        TypeError: If a size is not an integer, or bytes_per_element no number.
        ValueError: If a size is below 1, or bytes_per_element not above 0 and finite.

    Example:
        ```python
        from dlref.cost import kv_cache_bytes

        own = kv_cache_bytes(32, 32, 128, num_tokens=4096)  # each of 32 heads has its own
        shared = kv_cache_bytes(32, 8, 128, num_tokens=4096)  # 8 for 32 heads
        print(f"{own / 2**30} GiB, {shared / 2**30} GiB")
        ```

        ```text {.output}
        2.0 GiB, 0.5 GiB
        ```
    """
    check_stored(**locals())  # all six

    numbers = 2 * num_layers * num_kv_heads * head_dim * num_tokens * batch_size
    return math.ceil(numbers * Fraction(bytes_per_element))
