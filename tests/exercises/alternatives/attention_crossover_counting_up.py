def crossover(d, num_heads, num_kv_heads):
    n = 1
    while n * num_heads < d * (num_heads + num_kv_heads):
        n += 1
    return n
