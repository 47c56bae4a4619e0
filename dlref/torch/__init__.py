"""The same functions in PyTorch, differentiable."""
