from torch import nn


def decay_groups(model, weight_decay):
    kinds = nn.Linear, nn.Conv1d
    embedded = [x.weight for x in model.modules() if isinstance(x, nn.Embedding)]
    decays, rest = {}, {}
    for layer in model.modules():
        for name, parameter in layer.named_parameters(recurse=False):
            if not parameter.requires_grad:
                continue
            shared = any(parameter is table for table in embedded)
            matrix = isinstance(layer, kinds) and name == "weight"
            (decays if matrix and not shared else rest)[parameter] = None
    return [
        {"params": [*rest], "weight_decay": 0.0},
        {"params": [*decays], "weight_decay": weight_decay},
    ]
