def learn_merges(words, num_merges):
    words = [tuple(word) for word in words]
    merges = []
    while len(merges) < num_merges:
        pairs = [word[i : i + 2] for word in words for i in range(len(word) - 1)]
        if not pairs:
            return merges
        pair = sorted({*pairs}, key=lambda x: (-pairs.count(x), x))[0]
        new = 256 + len(merges)
        merges.append(pair)
        for k, word in enumerate(words):
            i = 0
            while i < len(word) - 1:
                if word[i : i + 2] == pair:
                    word = (*word[:i], new, *word[i + 2 :])
                i += 1
            words[k] = word
    return merges
