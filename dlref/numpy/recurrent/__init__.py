"""Recurrent layers, token by token, and back through time by hand."""

from dlref.numpy.recurrent.gru import gru
from dlref.numpy.recurrent.linear_scan import linear_scan
from dlref.numpy.recurrent.lstm import lstm
from dlref.numpy.recurrent.rnn import rnn
from dlref.numpy.recurrent.through_time import RNNGradients, rnn_gradients

__all__ = ["RNNGradients", "gru", "linear_scan", "lstm", "rnn", "rnn_gradients"]
