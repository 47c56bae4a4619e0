import torch.nn.functional as F


def gemma_norm(x, w, eps=1e-6):
    return F.rms_norm(x.float(), x.shape[-1:], 1 + w.float(), eps).half()
