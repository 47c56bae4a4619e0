import torch


class OnlineSoftmax:
    def __init__(self):
        self.logsumexp, self.output = torch.tensor(-torch.inf), 0.0

    def add(self, scores, values):
        new = torch.logaddexp(self.logsumexp, scores.logsumexp(dim=0))
        if new == -torch.inf:
            return torch.zeros_like(values[0])
        old = (self.logsumexp - new).exp() * self.output
        self.logsumexp, self.output = new, old + (scores - new).exp() @ values
        return self.output
