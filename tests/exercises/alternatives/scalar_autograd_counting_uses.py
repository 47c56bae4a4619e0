class Value:
    """A number passes its gradient on when all that was made of it has arrived."""

    def __init__(self, data, *back):
        self.data, self.grad, self.back = data, 0.0, back

    def __add__(self, other):
        return Value(self.data + other.data, (self, 1), (other, 1))

    def __mul__(self, other):
        return Value(self.data * other.data, (self, other.data), (other, self.data))

    def relu(self):
        return Value(max(self.data, 0.0), (self, self.data > 0))

    def backward(self):
        uses, waiting = {self: 0}, [self]
        while waiting:
            for operand, _ in waiting.pop().back:
                if operand not in uses:
                    uses[operand] = 0
                    waiting.append(operand)
                uses[operand] += 1
        passed = dict.fromkeys(uses, 0.0)
        passed[self], ready = 1.0, [self]
        while ready:
            value = ready.pop()
            value.grad = passed[value] + (0.0 if value.back else value.grad)
            for operand, slope in value.back:
                passed[operand] += slope * passed[value]
                uses[operand] -= 1
                if not uses[operand]:
                    ready.append(operand)
