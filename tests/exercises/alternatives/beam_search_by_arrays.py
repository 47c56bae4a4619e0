import numpy as np


def beam_search(start, after, width, max_len, eos, alpha):
    vocab = len(start)
    last, total, length = np.arange(vocab), start, np.ones(vocab)
    for step in range(max_len):
        if step:
            going = last != eos
            new = total[going, None] + after[last[going]]
            count = len(new)
            total = np.concatenate([total[~going], new.ravel()])
            longer = np.repeat(length[going] + 1, vocab)
            length = np.concatenate([length[~going], longer])
            last = np.concatenate([last[~going], np.tile(np.arange(vocab), count)])
        best = np.argsort(-total / length**alpha, kind="stable")[:width]
        last, total, length = last[best], total[best], length[best]
    return total[0] / length[0] ** alpha
