import copy


class AdamW:
    def __init__(self, params, lr=1e-3, weight_decay=0.01):
        self.params = list(params)
        self.lr, self.weight_decay = lr, weight_decay
        self.state = {}

    def step(self):
        for i, p in enumerate(self.params):
            if p.grad is None:
                continue
            t, m, v = self.state.get(i, (0, 0.0, 0.0))
            t, m, v = t + 1, 0.9 * m + 0.1 * p.grad, 0.999 * v + 0.001 * p.grad**2
            self.state[i] = t, m, v
            step = (m / (1 - 0.9**t)) / ((v / (1 - 0.999**t)) ** 0.5 + 1e-8)
            p.data -= self.lr * (step + self.weight_decay * p.data)

    def state_dict(self):
        return copy.deepcopy(self.state)

    def load_state_dict(self, state):
        self.state = dict(state)
