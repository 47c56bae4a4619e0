r"""Distillation: a student learns from the probabilities of a teacher.

Both softmaxes are taken at a temperature T, which lets small probabilities be seen:

$$
L = T^2 \operatorname{KL}(p \,\|\, q), \qquad
p = \operatorname{softmax}(v / T), \quad q = \operatorname{softmax}(z / T)
$$

where z are the student's logits and v the teacher's, which are constants: nothing is
learned by moving the teacher. The gradient is

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

from jaxtyping import Float
from torch import Tensor

from dlref._checks.divergences import check_distillation
from dlref.torch._arguments import public
from dlref.torch._precision import widened
from dlref.torch.losses.kl_divergence import kl_divergence

__all__ = ["distillation_loss"]


@public
def distillation_loss(
    student_logits: Float[Tensor, "*batch classes"],
    teacher_logits: Float[Tensor, "*batch classes"],
    *,
    temperature: float = 1.0,
) -> Float[Tensor, "*batch"]:
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
        import torch
        from dlref.torch.losses import distillation_loss

        student, teacher = torch.zeros(1, 3), torch.tensor([[5.0, 3.0, 1.0]])
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
    teacher = widened(teacher_logits.detach()) / temperature
    divergence = kl_divergence(teacher, student)
    loss = temperature * (temperature * divergence)  # T² alone may overflow
    return loss.to(student_logits.dtype)
