import torch


def top_p(logits, p):
    q = logits.softmax(dim=-1)
    is_above = logits.unsqueeze(-2) > logits.unsqueeze(-1)
    before = (q.unsqueeze(-2) * is_above).sum(dim=-1)
    return logits.where(before < p, -torch.inf)
