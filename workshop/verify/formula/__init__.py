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
`m_{t+1}` is `m_t_plus_1`, `K_{1:t}` is `K_1_to_t`, `x^{(i)}` is `x__i`, `y^{+}` is
`y_plus`, `\lambda` is `lambda_`, as Python reserves the word; `\mathbf{1}` is `ones`,
`\mathbf{0}` is `zeros`. Each claim must hold on many draws. Where there is nothing to
execute, `<!-- formula: defines a symbol -->` gives one of the reasons in
`workshop.pages.formulas.EXCUSES`.

What the parser reads:

    formula   claim (separator claim)*      separator: \quad , ; . \\ \text{and}
                                            \Rightarrow \forall, with names it lists
    claim     sum (relation sum)*           = := \approx \ne < > \le \ge \sim \propto
                                            \in \notin \leftarrow, all checked
    sum       [-] product ((+ | -) product)*
    product   term ((\odot | \circ | \cup | \cap | \setminus) term)*
    term      power ((\cdot | \times | * | / | \bmod | nothing) power)*
    power     atom (^ power | _ index | ! | |_{x=0})*
    atom      number | name | call | bracket | bars | norm | \frac | \sqrt | \binom
              | \sum | \prod | \max | \min | \arg\max | \arg\min | \mathbb{E} | \mathbb{1}
              | \frac{\partial f}{\partial x} | \nabla_x | \int | list | \underbrace
              | cases | pmatrix

Products. Side by side is a product; matrices multiply as matrices, \odot entry by
entry. A power of a matrix is one of matrices, ^{-1} its inverse, ^{\odot 2} entry by
entry; ^\top transposes, and ^T where no T is bound; ^{-\top} is that of the inverse. A
matrix may hold matrices; `[h; x]` puts vectors below one another.

What is not seen does not group: braces, a color and `\underbrace` print no bracket, so
`{a + b}^2` is a + b². A number behind a factor, and a factor behind a quotient, need a
sign or brackets.

Names. A name bound to a function and followed by a bracket is a call; bound to a number
it is a factor. Arguments stand between commas or bars: `p(x \mid y)` is p(x, y), `p(y =
1)` asks at 1, `P(X > 0)` gives P the truth for each entry of X. Letters side by side
are one word if it is bound. `s_i` and `s^{(i)}` are elements of s, counted from 1, or
from `count_from` if that is bound, unless `s_i` or `s__i` itself is bound; of a vector,
`s_{2i}` is one element. A superscript in brackets is an index and never a power; `W^Q`,
`\theta^{\text{old}}` and, where no V is bound, `V^\pi` are names if they are bound.

What runs. `\sum_{i=1}^{n}` runs i from 1 to n, `\sum_i` through the range, set or array
that i is bound to, `\sum_{i \in S}` through S, `\sum_{(i, j) \in E}` through pairs,
`\sum_{j < i}` and `\sum_{1 \leq j < i}` from 1 or that bound on, `\sum_{j \neq i}`
through what of j's range fits; more conditions follow behind commas. All take the
product that follows. Outside of a sum, a claim must hold for each i of the range.
`\mathbb{E}_{x \sim p}[…]` is the mean over what x is bound to, with the weights that p
is bound to, if it is; so are `\mathbb{E}_{q(x \mid z)}` and `x \sim \pi(\cdot \mid s)`.
Dots stand for terms that differ in whole numbers: the terms that are written must agree
with them.

Calculus. `\frac{\partial f}{\partial x}` is `df_dx` if that is bound, or computed from
differences if f is a function of x or an expression; so are `\nabla_x` and `f'`.
Integrals are computed by quadrature. Both are compared to 1e-6.

`x \leftarrow …` compares the right side with `x_new`, `Q(s) \leftarrow …` with
`Q_new(s)`. `\propto` compares arrays up to one factor; they are `\neq` if they differ
somewhere. `x \in \mathbb{R}^{m \times n}`, `\mathbb{R}_+^n` and `\{0, 1\}^n` compare
shapes and entries. `X \sim \mathcal{N}(m, s^2)` and `X \sim \mathcal{U}(a, b)` compare
the samples X with the distribution; where the variance is a matrix, each row is a
sample. `f = \mathcal{O}(…)` compares how both sides grow, in each variable alone and in
all of them together. A row of `aligned` that begins with a relation or an operator goes
on with the row above it.

Conditions may stand side by side with commas between; each is a relation, or bound to a
truth. `\{a, b\}` is a set, equal to sets alone; `(i, j) \in E` asks for the pair.

What has several meanings, as `|A|` of a matrix, `v * w`, `\log a b`, `\|A\|` or a list
of arrays, is refused in words.
"""
