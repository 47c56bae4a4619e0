import numpy as np


def shifted_windows(height, width, window, shift):
    y, x = np.mgrid[:height, :width]
    cell = ((y - shift) // window) * (width + 1) + (x - shift) // window
    cell = np.roll(cell, (-shift, -shift), axis=(0, 1))
    masks = []
    for top in range(0, height, window):
        for left in range(0, width, window):
            inside = cell[top : top + window, left : left + window].ravel()
            masks.append(np.equal.outer(inside, inside))
    return np.array(masks)
