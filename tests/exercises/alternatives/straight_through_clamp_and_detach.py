import torch


class Round(torch.autograd.Function):
    @staticmethod
    def forward(context, points):
        return points.round()

    @staticmethod
    def backward(context, grad):
        return grad


def fake_quantize(x, scale, bits):
    top = 2 ** (bits - 1) - 1
    points = Round.apply(x / scale)
    return torch.clamp(points, -top, top) * scale
