"""Autograd from scratch: numbers that remember what they were made of."""

from dlref.numpy.autograd.scalar import Scalar

__all__ = ["Scalar"]
