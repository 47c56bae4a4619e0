from torch.nn import CrossEntropyLoss


def weighted_cross_entropy(logits, targets, class_weights):
    return CrossEntropyLoss(weight=class_weights)(logits, targets)
