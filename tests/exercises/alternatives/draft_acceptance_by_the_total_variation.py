import torch


def draft_acceptance(target_logits, draft_logits, temperature):
    both = torch.stack([target_logits, draft_logits]) / temperature
    p, q = torch.exp(both - both.logsumexp(-1, keepdim=True))
    return 1 - (p - q).abs().sum(-1) / 2
