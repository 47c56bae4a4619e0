def clip_loss(images, texts, tau):
    x = images / images.norm(dim=1, keepdim=True)
    y = texts / texts.norm(dim=1, keepdim=True)
    scores = x @ y.T / tau
    both = scores.logsumexp(dim=0) + scores.logsumexp(dim=1)
    return both / 2 - scores.diag()
