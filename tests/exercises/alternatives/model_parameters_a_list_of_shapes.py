from math import prod


def count(num_layers, d, num_heads, num_kv_heads, d_ff, vocab_size, tied):
    width = d // num_heads
    q, kv = (d, num_heads * width), (d, num_kv_heads * width)
    block = [q, kv, kv, q, (d, d_ff), (d, d_ff), (d_ff, d), (d,), (d,)]
    shapes = [(vocab_size, d), *block * num_layers, (d,)]
    if not tied:
        shapes.append((d, vocab_size))
    return sum(map(prod, shapes))
