import torch.nn.functional as F
from torch import sigmoid


def swiglu(x, w_gate, w_up, w_down):
    z = F.linear(x, w_gate)
    return F.linear(z * sigmoid(z) * F.linear(x, w_up), w_down)
