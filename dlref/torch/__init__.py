"""The same functions in PyTorch, differentiable.

They compile in one graph, export, and map with `torch.func.vmap`. No value can be read
then, nor on the device `meta`: whether targets, lengths and weights are in range goes
unchecked, while shapes and types are checked as ever.
"""
