from torch import nn


def decay_groups(model, weight_decay):
    kept = set()
    for layer in model.modules():
        for name, parameter in layer.named_parameters(recurse=False):
            if name == "bias" or isinstance(layer, nn.Embedding | nn.LayerNorm):
                kept.add(parameter)
    trained = [x for x in model.parameters() if x.requires_grad]
    decays = [x for x in trained if x not in kept]
    rest = [x for x in trained if x in kept]
    return (
        {"params": decays, "weight_decay": weight_decay},
        {"params": rest, "weight_decay": 0},
    )
