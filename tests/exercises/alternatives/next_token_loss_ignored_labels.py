import torch.nn.functional as F


def next_token_loss(logits, tokens, mask):
    labels = tokens.masked_fill(~mask, -100)
    return F.cross_entropy(
        logits[:, :-1].flatten(0, 1), labels[:, 1:].flatten(), ignore_index=-100
    )
