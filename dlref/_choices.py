"""The words that an argument may be: the same in each language."""

from typing import Literal

Side = Literal["right", "left"]
Mode = Literal["fan_in", "fan_out", "fan_avg"]
Distribution = Literal["normal", "truncated_normal", "uniform"]
Linear = Literal[
    "linear",
    "conv1d",
    "conv2d",
    "conv3d",
    "conv_transpose1d",
    "conv_transpose2d",
    "conv_transpose3d",
]
Nonlinearity = Literal[Linear, "sigmoid", "tanh", "relu", "leaky_relu", "selu"]
Adjustment = Literal["original", "match_rms_adamw"]
Placement = Literal["pre", "post", "peri", "output"]
Decay = Literal["linear", "sqrt", "cosine"]
Cell = Literal["rnn", "lstm", "gru"]
Reset = Literal["after", "before"]
