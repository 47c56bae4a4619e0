def vit_parameters(image, patch, d, layers, d_ff, classes):
    n = image * image // patch**2
    linear = lambda inputs, outputs: inputs * outputs + outputs  # noqa: E731
    norm = 2 * d
    block = norm + linear(d, 3 * d) + linear(d, d)
    block += norm + linear(d, d_ff) + linear(d_ff, d)
    before = linear(3 * patch**2, d) + d * (n + 2)
    return before + layers * block + norm + linear(d, classes)
