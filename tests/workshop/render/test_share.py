"""What a machine is told of a question is what the page says."""

import shutil

import pytest

from workshop import ROOT
from workshop.pages.corrections import NAME
from workshop.pages.questions import questions
from workshop.render.share import answers, spoken

PAGES = ROOT / "tests/browser/behavior/pages"


def test_a_question_has_the_answer_of_one_breath():
    assert answers(PAGES)["losses/sigmoid/"] == {
        "dateModified": "2026-11-27",  # it was corrected then
        "mainEntity": {
            "@type": "Question",
            "name": "What does a sigmoid do to a logit?",
            "answerCount": 1,
            "acceptedAnswer": {
                "@type": "Answer",
                "text": "It maps any number to one between 0 and 1: large logits to "
                "nearly 1, small ones to nearly 0, and 0 to one half. A model gives "
                "logits, a reader wants probabilities.",
            },
        },
    }


def test_what_was_not_corrected_is_as_old_as_its_page(tmp_path):
    shutil.copytree(PAGES, tmp_path, dirs_exist_ok=True)
    (tmp_path / NAME).unlink()
    assert answers(tmp_path)["losses/sigmoid/"]["dateModified"] == "2026-11-26"


def test_a_page_that_is_begun_can_be_looked_at(tmp_path):
    shutil.copytree(PAGES, tmp_path, dirs_exist_ok=True)
    page = tmp_path / "losses/sigmoid.md"
    page.write_text(page.read_text("utf-8").replace("In one breath", "Soon"), "utf-8")
    said = answers(tmp_path)["losses/sigmoid/"]["mainEntity"]
    assert said["acceptedAnswer"]["text"] == ""


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("a **b**\n*c* `d`", "a b c d"),
        (r"$\gamma$ two, $\beta_1 \times p_t$", "γ two, β_1 times p_t"),
        ("at $p$, see [DL0046][dl0046] or [x](a.md#b).", "at p, see DL0046 or x."),
    ],
)
def test_it_is_said_without_markup(text, words):
    assert spoken(text) == words


@pytest.mark.parametrize("question", questions(), ids=lambda x: x.number)
def test_each_published_answer_is_plain_words(question):
    said = answers()[question.file("/")]["mainEntity"]["acceptedAnswer"]["text"]
    assert said
    assert not {*"\\[]{}`*$"} & {*said}
