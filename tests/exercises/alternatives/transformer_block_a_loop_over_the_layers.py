import numpy as np


def transformer_block(x, w_q, w_k, w_v, w_o, w1, w2):
    def normed(rows):
        mean, var = rows.mean(-1), rows.var(-1)
        return ((rows.T - mean) / (var + 1e-5) ** 0.5).T

    def attention(rows):
        out = []
        for t, query in enumerate(rows @ w_q.T):
            past = rows[: t + 1]
            scores = past @ w_k.T @ query / len(query) ** 0.5
            weights = np.exp(scores - scores.max())
            out.append(weights @ (past @ w_v.T) / weights.sum())
        return np.array(out) @ w_o.T

    def feed_forward(rows):
        hidden = rows @ w1.T
        return (hidden * (hidden > 0)) @ w2.T

    for layer in attention, feed_forward:
        x = x + layer(normed(x))
    return x
