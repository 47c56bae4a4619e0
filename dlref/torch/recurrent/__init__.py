"""Recurrent layers, token by token, and a linear recurrence of all tokens at once."""

from dlref.torch.recurrent.gru import GRU, gru
from dlref.torch.recurrent.linear_scan import linear_scan
from dlref.torch.recurrent.lstm import LSTM, lstm
from dlref.torch.recurrent.rnn import rnn

__all__ = ["GRU", "LSTM", "gru", "linear_scan", "lstm", "rnn"]
