import torch


def grpo_loss(log_probs, old_log_probs, advantages, mask, clip):
    log_ratio = torch.where(mask, log_probs, 0) - torch.where(mask, old_log_probs, 0)
    ratio = log_ratio.exp()
    gain = advantages.unsqueeze(1)
    bounded = torch.where(gain > 0, ratio.clamp(max=1 + clip), ratio.clamp(min=1 - clip))
    return -(bounded * gain * mask).sum() / mask.sum()
