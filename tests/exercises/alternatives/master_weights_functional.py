import torch


class MixedAdam:
    def __init__(self, params, lr=1e-3):
        self.params = [*params]
        self.lr = lr
        self.master = [p.detach().to(torch.float32) for p in self.params]
        self.m = [torch.zeros(p.shape) for p in self.params]
        self.v = [torch.zeros(p.shape) for p in self.params]
        self.steps = 0

    def step(self):
        self.steps += 1
        for i, p in enumerate(self.params):
            g = p.grad.to(torch.float32)
            self.m[i] = torch.lerp(self.m[i], g, 0.1)
            self.v[i] = torch.lerp(self.v[i], g * g, 0.001)
            m_hat = self.m[i] / (1 - 0.9**self.steps)
            v_hat = self.v[i] / (1 - 0.999**self.steps)
            self.master[i] = self.master[i] - self.lr * m_hat / (v_hat.sqrt() + 1e-8)
            p.data = self.master[i].to(p.dtype)
