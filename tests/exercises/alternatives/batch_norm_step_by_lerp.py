def batch_norm_step(x, mean, var, training, momentum, eps):
    rows = x.reshape(-1, x.shape[-1])
    used = (rows.mean(0), rows.var(0)) if training else (mean, var)
    y = (x - used[0]) * (used[1] + eps) ** -0.5
    if training:
        mean = mean + momentum * (rows.mean(0) - mean)
        var = var + momentum * (rows.var(0, ddof=1) - var)
    return y, mean, var
