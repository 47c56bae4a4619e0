def decode_tokens(tokens, merges):
    def bytes_of(token):
        if token < 256:
            return [token]
        first, second = merges[token - 256]
        return bytes_of(first) + bytes_of(second)

    data = bytearray()
    for token in tokens:
        data.extend(bytes_of(token))
    return tuple(map(ord, str(data, "utf-8", "replace")))
