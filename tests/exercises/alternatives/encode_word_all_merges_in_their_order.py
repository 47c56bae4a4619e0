def encode_word(word, merges):
    word = list(word)
    for new, pair in enumerate(merges, start=256):
        i = 0
        while i + 1 < len(word):
            if (word[i], word[i + 1]) == tuple(pair):
                word[i : i + 2] = [new]
            i += 1
    return word
