import torch


def batch_hard_triplet(x, labels, margin):
    costs = []
    for row, label in zip(x, labels, strict=True):
        d = torch.linalg.vector_norm(x - row, dim=1)
        near, far = d[labels == label].max(), d[labels != label].min()
        costs.append(torch.relu(near - far + margin))
    return torch.stack(costs)
