def best_drafts(acceptance, cost_ratio, most):
    gains, tokens = [], 0.0
    for n in range(most + 1):
        tokens += acceptance**n
        gains.append(tokens / (1 + cost_ratio * n))
    return gains.index(max(gains)), max(gains)
