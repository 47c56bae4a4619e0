"""Deep-learning interview topics as code to read and to import.

What `dlref.numpy` and `dlref.torch` both have goes by one name, takes the same arguments,
and is judged by one test file. What needs neither library is written once, beside them:
`dlref.cost`, `dlref.initializers`, `dlref.models`, `dlref.optimizers`,
`dlref.precision`, `dlref.schedules` and `dlref.tokenizers`. Who wants to write the
functions, and not to read them, is judged by `dlref.practice`.
"""

__version__ = "0.2.0"
