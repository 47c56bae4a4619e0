"""What the functions refuse, in one wording for every language.

Only `.shape`, `.dtype`, `.min()`, `.max()` and comparisons are used, so that the same
lines read a NumPy array and a torch tensor. Every message follows one pattern:
`<name> must <requirement>; got <name>=<value>`.

A check raises or does nothing: it returns no value, and what computes stands elsewhere.
"""
