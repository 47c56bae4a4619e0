r"""Distillation: a student learns from the probabilities of a teacher.

Both softmaxes are taken at a temperature T, which lets small probabilities be seen:

<!-- formula
z, v, T = normal(5), normal(5), real(0.5, 5)
p, q = softmax(v / T), softmax(z / T)
KL = lambda p, q: dlref.numpy.losses.kl_divergence(np.log(p), np.log(q))
L = dlref.numpy.losses.distillation_loss(z, v, temperature=T)
-->

$$
L = T^2 \operatorname{KL}(p \,\|\, q), \qquad
p = \operatorname{softmax}(v / T), \quad q = \operatorname{softmax}(z / T)
$$

where z are the student's logits and v the teacher's, which are constants: nothing is
learned by moving the teacher. The gradient is

<!-- formula
z, v, T = normal(5), normal(5), real(0.5, 5)
p, q = softmax(v / T), softmax(z / T)
L = lambda z: dlref.numpy.losses.distillation_loss(z, v, temperature=T)
-->

$$
\nabla_z L = T \, (q - p)
$$

One factor 1/T comes from the softmax, and another from q − p, which shrinks about as
fast. So T² keeps the gradient near one size. For a T far above the logits it becomes
that of squared errors: (z − v) / K, if both are shifted to a mean of 0.

Source: Hinton, Vinyals and Dean 2015, "Distilling the Knowledge in a Neural Network",
section 2, and section 2.1, equations 2 to 4. https://arxiv.org/abs/1503.02531

Question: [DL0068][dl0068]
"""

import numpy as np
from jaxtyping import Float

from dlref._checks.divergences import check_distillation
from dlref.numpy._arguments import public
from dlref.numpy._precision import softmax, widened
from dlref.numpy.losses.kl_divergence import kl_divergence

__all__ = ["distillation_gradient", "distillation_loss"]


@public
def distillation_loss(
    student_logits: Float[np.ndarray, "*batch classes"],
    teacher_logits: Float[np.ndarray, "*batch classes"],
    *,
    temperature: float = 1.0,
) -> Float[np.ndarray, "*batch"]:
    """Charge the student T² KL(teacher ‖ student), both softened by the temperature.

    The loss on the labels is `cross_entropy` at a temperature of 1; weigh the two.

    Args:
        student_logits: Scores of the model that learns, at least 2 classes.
        teacher_logits: Scores of the model to be imitated, for the same classes. They are
            constants.
        temperature: Temperature T > 0 of both softmaxes.

    Returns:
        Loss in nats, one per example, not reduced.

    Raises:
        TypeError: If logits are not floating point, or their dtypes differ.
        ValueError: If shapes differ, there are fewer than 2 classes, or temperature is
            not between 1e-30 and 1e30.

    Example:
        ```python
        import numpy as np
        from dlref.numpy.losses import distillation_loss

        student, teacher = np.array([[0.0, 0.0, 0.0]]), np.array([[5.0, 3.0, 1.0]])
        for temperature in 1.0, 4.0:
            loss = distillation_loss(student, teacher, temperature=temperature)
            print(f"T = {temperature}: {loss[0]:.4f}")
        ```

        ```text {.output}
        T = 1.0: 0.6576
        T = 4.0: 1.2547
        ```
    """
    check_distillation(student_logits, teacher_logits, temperature)

    student = widened(student_logits) / temperature
    teacher = widened(teacher_logits) / temperature
    divergence = kl_divergence(teacher, student)
    loss = temperature * (temperature * divergence)  # T² alone may overflow
    return np.asarray(loss, student_logits.dtype)


@public
def distillation_gradient(
    student_logits: Float[np.ndarray, "*batch classes"],
    teacher_logits: Float[np.ndarray, "*batch classes"],
    *,
    temperature: float = 1.0,
) -> Float[np.ndarray, "*batch classes"]:
    """Differentiate each example's `distillation_loss` in the student's logits.

    That is T times the student's probabilities minus the teacher's; a row sums to 0.

    Args:
        student_logits: Scores of the model that learns, at least 2 classes.
        teacher_logits: Scores of the model to be imitated, for the same classes.
        temperature: Temperature T > 0 of both softmaxes.

    Returns:
        Gradient in nats per unit of logit, of the shape of the logits. For a mean over B
        examples, divide by B.

    Raises:
        TypeError: If logits are not floating point, or their dtypes differ.
        ValueError: If shapes differ, there are fewer than 2 classes, or temperature is
            not between 1e-30 and 1e30.

    Example:
        ```python
        import numpy as np
        from dlref.numpy.losses import distillation_gradient

        student, teacher = np.log([0.5, 0.5]), np.log([0.75, 0.25])
        print(distillation_gradient(student, teacher).round(4))
        ```

        ```text {.output}
        [-0.25  0.25]
        ```
    """
    check_distillation(student_logits, teacher_logits, temperature)

    q = softmax(widened(student_logits) / temperature)
    p = softmax(widened(teacher_logits) / temperature)
    return np.asarray(temperature * (q - p), student_logits.dtype)
