from torch.nn.functional import cross_entropy


def distillation_loss(student, teacher, targets, temperature, alpha):
    soft_targets = (teacher.detach() / temperature).softmax(1)
    cross = cross_entropy(student / temperature, soft_targets)
    entropy = cross_entropy(teacher / temperature, soft_targets).detach()
    labels = cross_entropy(student, targets)
    return labels + alpha * (temperature**2 * (cross - entropy) - labels)
