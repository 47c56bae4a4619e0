def lora_gradients(x, a, b, alpha, grad):
    scaled = grad * (alpha / len(a))
    return (scaled @ b).T @ x, scaled.T @ (x @ a.T)
