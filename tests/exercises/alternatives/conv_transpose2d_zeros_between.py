import numpy as np
from numpy.lib.stride_tricks import sliding_window_view


def conv_transpose2d(x, weight, stride, padding, output_padding):
    size, channels, height, width = x.shape
    k = weight.shape[-1]
    apart = np.zeros(
        (size, channels, stride * (height - 1) + 1, stride * (width - 1) + 1)
    )
    apart[:, :, ::stride, ::stride] = x
    around = (k - 1, k - 1 + output_padding)
    apart = np.pad(apart, ((0, 0), (0, 0), around, around))
    seen = sliding_window_view(apart, (k, k), axis=(2, 3))
    y = np.einsum("bcnmuv,couv->bonm", seen, weight[:, :, ::-1, ::-1])
    n, m = y.shape[2:]
    return y[:, :, padding : n - padding, padding : m - padding]
