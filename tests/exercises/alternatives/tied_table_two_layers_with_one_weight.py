import torch
from torch import nn


class TiedTable(nn.Module):
    def __init__(self, vocab_size, width):
        super().__init__()
        self.tie(0.02 * torch.randn(vocab_size, width))

    def tie(self, rows):
        self.tokens = nn.Embedding.from_pretrained(rows, freeze=False)
        self.head = nn.Linear(*rows.shape[::-1], bias=False)
        self.head.weight = self.tokens.weight

    def embed(self, tokens):
        return self.tokens(tokens)

    def logits(self, x):
        return self.head(x)

    def grow(self, vocab_size):
        old = self.tokens.weight.detach()
        new = old.new_empty(vocab_size - len(old), old.shape[1]).normal_(std=0.02)
        self.tie(torch.cat([old, new]))
