"""What the judge says of right answers, and of each kind of wrong one."""

from dataclasses import replace

import numpy as np
import pytest

from dlref.practice.answer import Answer
from dlref.practice.exercise import Case
from dlref.practice.judging import Failure, Row, drawn, examine, written
from dlref.practice.values import shown
from tests.practice.conftest import inputs

HEAD = {"numpy": "import numpy as np\n", "torch": "import torch\n"}


@pytest.fixture
def judge(exercise):
    """Judge the body of the function; return the rows by check."""

    def judged(body, language="numpy", limit=10, **changes):
        code = f"{HEAD[language]}\ndef mean_square(values, scale):\n    {body}\n"
        subject = written(code, "mean_square")
        rows = examine(replace(exercise, **changes), subject, language, limit)
        return {row.check: row for row in rows}

    return judged


def failure(rows):
    return next(row.failure for row in rows.values() if row.failure)


RIGHT = [
    ("return scale * (values**2).mean(-1)", "numpy"),
    ("return np.einsum('...i,...i->...', values, values) * scale / values.shape[-1]",
     "numpy"),
    ("return scale * np.float32((values.astype('f') ** 2).mean(-1))", "numpy"),
    ("return scale * values.square().mean(-1)", "torch"),
    ("return scale * values.pow(2).sum(dim=-1) / values.shape[-1]", "torch"),
]  # fmt: skip


@pytest.mark.parametrize(("body", "language"), RIGHT)
def test_what_is_right_passes_however_it_is_written(judge, body, language):
    rows = judge(body, language, extremes=())
    assert {row.status for row in rows.values()} == {"ok"}
    assert [*rows] == [
        "by hand", "against dlref", "laws", "inputs unchanged",
        *(["gradient"] if language == "torch" else []),
    ]  # fmt: skip


def test_notes_say_what_was_tried(judge):
    rows = judge("return scale * (values**2).mean(-1)")
    random = "200 random inputs, shapes of 1 to 3 axes"
    assert rows["against dlref"] == Row("against dlref", "ok", random)
    assert rows["laws"].note == "twice the scale is twice the mean"
    assert rows["extremes"].status == "ok"


def test_inputs_without_arrays_are_only_counted(judge, exercise):
    given = exercise.inputs.map(lambda x: {"values": x["scale"], "scale": 1.0})
    rows = judge(
        "return scale * np.asarray(values) ** 2",
        inputs=given,
        by_hand=(),
        extremes=(),
        laws=(),
        reference=lambda values, scale: scale * values**2,
    )
    assert rows["against dlref"].note == "200 random inputs"


def test_a_wrong_value_is_shown_on_its_smallest_input_and_ends_the_rest(judge):
    rows = judge("return scale * (values**2).mean(0)", by_hand=())
    assert failure(rows) == Failure(
        inputs="values = [[0.0, 0.0]], scale = 1.0",
        says="Its shape must be (1,); got (2,).",
        yours="[0.0, 0.0]",
        right="[0.0]",
        hint="The mean runs over the last axis.",
    )
    assert [row.status for row in rows.values()] == [
        "ok", "WRONG", "not reached", "not reached", "ok",
    ]  # fmt: skip


def test_who_makes_no_known_bug_reads_the_hint_of_the_exercise(judge):
    rows = judge("return scale * (values**2).mean(-1) + 1")
    assert failure(rows).hint == "Look at the last axis."


def test_a_bug_of_the_other_language_is_known(judge):
    rows = judge("return (values**2).mean(-1)", by_hand=())
    assert failure(rows).hint == "The scale is left out."


def test_the_hint_of_a_case_comes_before_that_of_the_exercise(judge):
    rows = judge(
        "return scale * (values.astype('f') ** 2).mean(-1) * (values < 1e18).all(-1)"
    )
    assert rows["extremes"].failure.hint == "Beyond float32, squares are infinite."


def test_a_broken_law_says_which(judge):
    body = "return scale * (values**2).mean(-1) + (scale > 3)"
    rows = judge(body, bugs=())
    assert rows["laws"].status == "WRONG"
    assert rows["laws"].note == "twice the scale is twice the mean"
    assert rows["laws"].failure.hint == "Scale last."
    broken = rows["laws"].failure
    assert (broken.inputs, broken.yours, broken.right) == (
        "values = [0.0], scale = 2.0", "1.0", "0.0",
    )  # fmt: skip


def test_a_law_under_which_it_raises_is_broken(judge):
    rows = judge("return scale * (values**2).mean(-1) / (scale < 4 or None)")
    assert rows["laws"].failure.says.startswith("TypeError: unsupported operand")


SAYS = [
    ("return None", "It returns None: is there a return at its end?"),
    ("return 'five'", "It must return an array, or a number; got str."),
    ("return np.array(5)", "It must hold floats; got int64."),
    ("return np.array(True)", "It must hold floats; got bool."),
    ("return (scale * (values**2).mean(-1), 1)", "It must return one value; got 2."),
    ("return [5.0]", "It must return one value; got 1."),
    ("raise RuntimeError('no')", "RuntimeError: no\nin line 4"),
    ("raise SystemExit('bye')", "SystemExit: bye\nin line 4"),
]


@pytest.mark.parametrize(("body", "says"), SAYS)
def test_what_cannot_be_compared_gets_a_sentence(judge, body, says):
    assert failure(judge(body)).says == says


def test_an_array_is_no_tensor(judge):
    says = failure(judge("return values.mean(-1).numpy()", "torch")).says
    assert says == "It must return a tensor, or a number; got ndarray."


@pytest.mark.parametrize(
    ("right", "says"),
    [
        ((1.0, 2.0), "It must return 2 values; got one."),
        ({"mean": 1.0}, "It must return a dict of ['mean']; got one."),
    ],
)
def test_several_values_are_asked_for_by_number_and_name(judge, right, says):
    rows = judge(
        "return values.mean(-1)",
        by_hand=(Case({"values": np.ones(1), "scale": 1.0}, right),),
    )
    assert failure(rows).says == says


def test_another_number_of_values_is_told(judge):
    given = {"values": np.ones(1), "scale": 1.0}
    rows = judge("return 1.0, 2.0, 3.0", by_hand=(Case(given, (1.0, 2.0)),))
    assert failure(rows).says == "It must return 2 values; got 3 values."
    rows = judge("return {'mode': 1.0}", by_hand=(Case(given, {"mean": 1.0}),))
    assert (
        failure(rows).says == "It must return a dict of ['mean']; got a dict of ['mode']."
    )
    rows = judge("return {'mean': 2.0}", by_hand=(Case(given, {"mean": 1.0}),))
    assert (failure(rows).yours, failure(rows).right) == ("{mean: 2.0}", "{mean: 1.0}")


def test_dicts_and_lists_of_inputs_are_given_and_kept(judge):
    given = {"values": {"a": np.ones(1)}, "scale": [np.ones(1), 2.0]}
    rows = judge("return values['a'] * scale[1]", by_hand=(Case(given, np.array([2.0])),))
    assert rows["by hand"].status == "ok"
    rows = judge(
        "values['a'][:] = 3; return scale[0]", by_hand=(Case(given, np.array([1.0])),)
    )
    assert rows["inputs unchanged"].failure.inputs == (
        "values = {a: [1.0]}, scale = [[1.0], 2.0]"
    )


def test_a_long_value_is_cut():
    assert shown(np.zeros((9, 9))).endswith(" … of shape (9, 9)")


def test_bools_are_compared_as_bools(judge):
    given = {"values": np.ones(2), "scale": 1.0}
    rows = judge("return values > 1", by_hand=(Case(given, np.array([False, True])),))
    assert failure(rows).yours == "[False, False]"
    rows = judge("return values > 0", by_hand=(Case(given, np.array([True, True])),))
    assert rows["by hand"].status == "ok"


@pytest.mark.parametrize("language", ["numpy", "torch"])
def test_changed_inputs_are_found_beside_any_other_fault(judge, language):
    rows = judge(
        "values *= values; return scale * values.mean(-1)", language, gradient=()
    )
    assert rows["inputs unchanged"].failure == Failure(
        inputs="values = [1.0, 3.0], scale = 1.0",
        says="It changes its inputs: whoever calls it still needs them.",
    )
    rows = judge("values *= values; return 2 * values.mean(-1)", language)
    assert rows["by hand"].failure
    assert rows["inputs unchanged"].failure


def test_an_answer_by_chance_is_told(judge):
    rows = judge(
        "mean_square.calls = getattr(mean_square, 'calls', 0) + 1; "
        "return scale * (values**2).mean(-1) + (mean_square.calls == 9)"
    )
    assert failure(rows).says == "It gives something else for the same input."


def test_when_the_time_is_over_nothing_more_is_drawn(judge):
    rows = judge("return scale * (values**2).mean(-1)", limit=-1)
    assert rows["against dlref"] == Row("against dlref", "ok", "0 random inputs")


# Gradients


def test_a_gradient_is_compared_with_that_of_the_solution(judge):
    body = "return scale * (values.detach() * values).mean(-1)"
    rows = judge(body, "torch", extremes=())
    half = "([0.5, 1.5])", "([1.0, 3.0])"
    assert (rows["gradient"].failure.yours, rows["gradient"].failure.right) == half
    assert [row.status for row in rows.values()][:-1] == ["ok"] * 4


def test_what_is_no_tensor_or_no_float_has_no_gradient(exercise):
    code = (
        "import torch\n\ndef f(values, scale):\n    return values.sum(), values > 0, 1\n"
    )
    answer = Answer(exercise, written(code, "f"), "torch")
    [slopes] = answer.slopes(values=np.ones(2), scale=1.0)
    assert slopes.tolist() == [1.0, 1.0]


def test_a_reference_that_raises_is_no_fault_of_the_answer(judge):
    def broken(values, scale):
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        judge("return 1.0", reference=broken, by_hand=())


def test_a_gradient_that_does_not_flow_gets_a_sentence(judge):
    body = "return scale * (values.detach() ** 2).mean(-1)"
    says = "No gradient flows through it: compute with tensors alone."
    assert judge(body, "torch", extremes=())["gradient"].failure.says == says


def test_what_a_gradient_does_not_reach_is_0(exercise):
    def use(answer, values, scale):
        return answer(values[..., :1], scale), [answer(0 * values, scale)]

    other = replace(exercise, use=use, gradient=("values", "scale"))
    given = {"values": np.ones(2), "scale": np.ones(1)}
    code = "import torch\n\ndef mean_square(values, scale):\n    return values.sum(-1)\n"
    answer = Answer(other, written(code, "mean_square"), "torch")
    values, scale = answer.slopes(**given)
    assert values.tolist() == [1.0, 0.0]
    assert scale.tolist() == [0.0]


# What is drawn


def test_the_same_inputs_are_drawn_each_time(exercise):
    one, other = (drawn(replace(exercise, inputs=inputs()), 9) for _ in range(2))
    assert len(one) == 9
    for x, y in zip(one, other, strict=True):
        np.testing.assert_array_equal(x["values"], y["values"])
