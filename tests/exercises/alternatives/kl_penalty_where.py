import torch


def kl_penalty(log_probs, reference_log_probs, mask):
    policy = torch.where(mask, log_probs, 0)
    reference = torch.where(mask, reference_log_probs, 0)
    gap = policy - reference
    return (torch.expm1(-gap) + gap).sum() / mask.sum()
