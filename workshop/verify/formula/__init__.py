r"""Formulas that are executed: LaTeX as it stands on a page, against the code.

A `$$` block is a claim about its symbols. The comment above it says, in Python, what each
symbol is; the page shows none of it:

    <!-- formula
    p_t, gamma = real(0.01, 0.99), real(0, 5)
    z = np.array(np.log(p_t / (1 - p_t)))
    FL = lambda p_t: dlref.numpy.losses.binary_focal_loss(z, np.array(True), gamma=gamma)
    -->

    $$
    \mathrm{FL}(p_t) = -(1 - p_t)^\gamma \log p_t
    $$

A symbol is written as `tree.Name` says: `\hat m_t` is `m_hat_t`, `m_{t-1}` is `m_t_1`,
`\lambda` is `lambda_`, as Python reserves the word. Each claim must hold on many draws.
Where there is nothing to execute, `<!-- formula: defines a symbol -->` gives one of the
reasons in `workshop.pages.formulas.EXCUSES`.

What the parser reads:

    formula   claim (separator claim)*      separator: \quad, a comma, a new row
    claim     sum (relation sum)*           = \approx \ne < > \le \ge \sim, all checked
    sum       [-] product ((+ | -) product)*
    product   term (\odot term)*
    term      power ((\cdot | \times | / | nothing) power)*
    power     atom (^ power | _ index)*     ^\top transposes, ^* is part of a name
    atom      number | name | call | bracket | \frac | \sqrt | \sum | \prod
              | \arg\min | \arg\max | \underbrace | cases | pmatrix

Side by side is a product; matrices multiply as matrices, \odot entry by entry. A name
bound to a function and followed by a bracket is a call; bound to a number it is a factor.
`\sum_{i=1}^{n}` runs i from 1 to n, `\sum_i` through the range that i is bound to, and
both take the product that follows; outside of a sum, a claim must hold for each i of the
range. `s_i` is an element of s, counted from 1, unless
`s_i` itself is bound. A row of `aligned` that begins with a relation or an operator goes
on with the row above it.

`X \sim \mathcal{N}(m, s^2)` and `X \sim \mathcal{U}(a, b)` compare the samples X with the
distribution. `f = \mathcal{O}(…)` compares how both sides grow, in each variable alone
and in all of them together.
"""
