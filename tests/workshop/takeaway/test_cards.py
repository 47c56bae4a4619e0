"""A card is a picture of one size, with all of its words, and the same each time."""

import io
from types import SimpleNamespace

import numpy as np
import pytest
from matplotlib.image import imread

from workshop.pages.questions import questions
from workshop.takeaway import cards
from workshop.takeaway.cards import Card, draw

FIGURE = """
import matplotlib.pyplot as plt

fig, axes = plt.subplots()
axes.plot([0, 1], [0, 1])
axes.set_xlabel("x")
axes.set_ylabel("y")
"""
LONG = (
    "Why is the generalized cross-entropy of a hierarchical classifier calibrated? " * 6
)
BLUE = np.array([11, 83, 148]) / 255


def pixels(made):
    return imread(io.BytesIO(draw(made)))[..., :3]


def is_blue(image):
    return np.abs(image - BLUE).max(axis=-1) < 0.01


def test_it_is_of_the_size_that_other_sites_ask_for():
    assert pixels(Card("Focal loss", "What is it?", FIGURE)).shape == (630, 1200, 3)


def test_it_is_the_same_each_time():
    made = Card("Focal loss", "What is it?", FIGURE)
    assert draw(made) == draw(made)


def test_the_question_is_on_the_left_and_the_figure_on_the_right():
    image = pixels(Card("Focal loss", "What is it?", FIGURE))
    assert is_blue(image[:, :500]).mean() > 0.8
    assert not is_blue(image[:, 502:]).any()
    assert (image[:, 502:].min(axis=-1) < 0.5).any()


def test_without_a_figure_the_question_has_it_all():
    assert is_blue(pixels(Card("Focal loss", "What is it?"))).mean() > 0.9


@pytest.mark.parametrize("code", [FIGURE, ""])
@pytest.mark.parametrize(
    ("title", "text"), [("Focal loss", LONG), (LONG, LONG), ("Hyper" * 12, "?")]
)
def test_long_words_stay_in_their_part(title, text, code):
    image = pixels(Card(title, text, code))
    width = 500 if code else 1200
    for margin in image[:, width - 40 : width - 2], image[:, 2:40], image[-30:-2, :width]:
        assert is_blue(margin).all()


def test_a_dollar_is_no_formula():
    made = pixels(Card(r"Is $\no{ $5?", r"Or $\no{ $6?"))  # as formulas, they would fail
    assert not is_blue(made).all()


@pytest.mark.parametrize("question", questions(), ids=lambda x: x.number)
def test_each_published_question_is_said_whole(question, monkeypatch):
    said = []
    write = cards._Sheet.line
    monkeypatch.setattr(
        cards._Sheet,
        "line",
        lambda self, text, *x: (said.append(text), write(self, text, *x)),
    )
    draw(Card(question.title, question.question))
    band = cards.card(question)
    assert band.code
    assert f"{question.title} {question.question}" in " ".join(said)


class Drawn:
    """Stands for the pool, and counts what is drawn."""

    def __init__(self):
        self.cards = []

    def __enter__(self):
        return self

    def __exit__(self, *error):
        pass

    def map(self, function, made):
        self.cards += made
        return [card.title.encode() for card in made]


@pytest.fixture
def pool(tmp_path, monkeypatch):
    drawn = Drawn()
    monkeypatch.setattr(cards, "STORE", tmp_path / "store")
    monkeypatch.setattr(cards, "ProcessPoolExecutor", lambda: drawn)
    return drawn


def asked(title):
    return SimpleNamespace(
        title=title, question="?", body="", file=lambda suffix: f"losses/{title}{suffix}"
    )


def test_what_is_drawn_is_kept(tmp_path, pool):
    names = cards.write(tmp_path, "All of it.", [asked("a"), asked("b")])
    assert names == ["cards/losses/a.png", "cards/losses/b.png", "cards/dlref.png"]
    assert (tmp_path / "cards/losses/b.png").read_bytes() == b"b"
    assert (tmp_path / "cards/dlref.png").read_bytes() == b"All of it"
    assert len(pool.cards) == 3
    cards.write(tmp_path, "All of it.", [asked("a"), asked("c")])
    assert [card.title for card in pool.cards[3:]] == ["c", "All of it"]
