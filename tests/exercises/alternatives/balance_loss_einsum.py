import torch


def balance_loss(logits, mask, k):
    """Padding weighted by zero, ranks instead of top-k."""
    weight = mask.to(logits.dtype) / mask.sum()
    p = torch.nn.functional.softmax(logits, dim=-1)
    rank = logits.argsort(dim=-1, descending=True).argsort(dim=-1)
    f = torch.einsum("t,lte->le", weight, (rank < k).to(logits.dtype))
    mean = torch.einsum("t,lte->le", weight, p)
    return torch.einsum("le,le->", f, mean) * logits.shape[-1] / len(logits)
