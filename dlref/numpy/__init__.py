"""The definitions from scratch: arrays in, arrays out, gradients by hand."""
