def product(a, b, c):
    return 2 * a * b * c


def count_flops(n, d, num_heads, head_dim):
    total = 0
    for _ in range(num_heads):
        for _ in "qkv":
            total += product(n, d, head_dim)
        total += product(n, head_dim, n) + product(n, n, head_dim)
    return total + product(n, num_heads * head_dim, d)
