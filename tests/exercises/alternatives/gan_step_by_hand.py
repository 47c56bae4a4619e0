import torch


def gan_step(real, noise, d, g):
    fake = noise * g
    up, down = torch.sigmoid(-(real @ d)), torch.sigmoid(fake @ d)
    d = d + 0.5 * (up @ real - down @ fake) / len(real)
    up = torch.sigmoid(-(fake @ d))
    return d, g + 0.5 * (up @ noise) * d / len(real)
