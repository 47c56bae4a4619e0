import math


def perplexity_and_bits(losses, num_bytes):
    nats, tokens = 0.0, 0
    for batch in losses:
        nats += float(batch.sum())
        tokens += len(batch)
    return math.e ** (nats / tokens), nats * math.log2(math.e) / num_bytes
