import torch.nn.functional as F


def patch_embedding(images, weight, bias):
    p = weight.shape[-1]
    columns = F.unfold(images, p, stride=p)  # (batch, channels * p * p, patches)
    return F.linear(columns.mT, weight.flatten(1), bias)
