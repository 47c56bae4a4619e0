"""Deep-learning interview topics as code to read, to import and to copy.

One topic has one name in every language: `dlref.numpy.losses` and `dlref.torch.losses`
hold the same functions, and one test file judges both.
"""

__version__ = "0.2.0"
