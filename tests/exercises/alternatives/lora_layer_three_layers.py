from torch import nn


class LoRALayer(nn.Module):
    def __init__(self, linear, rank, alpha):
        super().__init__()
        for p in linear.parameters():
            p.requires_grad = False
        self.linear, self.rank, self.alpha = linear, rank, alpha
        like = {"dtype": linear.weight.dtype, "bias": False}
        self.down = nn.Linear(linear.in_features, rank, **like)
        self.up = nn.Linear(rank, linear.out_features, **like)
        nn.init.zeros_(self.up.weight)

    @property
    def a(self):
        return self.down.weight

    @property
    def b(self):
        return self.up.weight

    def forward(self, x):
        return self.linear(x) + self.up(self.down(x)) * self.alpha / self.rank

    def merged(self):
        out, width = self.linear.weight.shape
        layer = nn.Linear(width, out, bias=self.linear.bias is not None)
        layer = layer.to(self.linear.weight.dtype)
        layer.load_state_dict(self.linear.state_dict())
        change = self.up.weight @ self.down.weight * self.alpha / self.rank
        layer.weight = nn.Parameter((layer.weight + change).detach())
        return layer
