"""A page asks for cards in comments, and has the answers."""

import pytest

from workshop.pages.cards import Card, cards, sentences, without_cards

PAGE = """\
## At a glance

<!-- card: What is the
step? -->
<!-- formula
x = 1
-->

$$
x = \\eta m
$$

where

- $\\eta$ is the rate, of *Kim et al.*;
- $m$ is a mean.

Other words.

## By hand {#by-hand}

```text
## No heading
```

<!-- card: How long is step 2? {t = 2 … long} η, of {t = 1 … long #2} -->
<!-- card: How long is the first? {long} -->
```python
# a comment
print("…")
```

```text {.output}
t = 1: long 1,024.5 or 30%
t = 2: long -3e-05
```

## What goes wrong

### The sign

It climbs. Take
minus.

??? example "Run it"

    <!-- card: What is wrong here?
    for
    x = x
    -->
    ```python
    x = 1.0
    for _ in range(3):
        x = x * 2
        x = x + 1
    ```

## Follow-up questions

??? question "Why?"

    So.

    <!-- card: What is it? -->
    $$
    y = 1
    $$

    where $y$ is one. It is odd.
"""


def test_each_has_its_kind_its_answer_and_its_section():
    formula, second, first, bug, folded = cards(PAGE)
    assert formula == Card(
        "formula",
        "What is the step?",
        "$$\nx = \\eta m\n$$\n\nwhere\n\n"
        "- $\\eta$ is the rate, of *Kim et al.*;\n- $m$ is a mean.",
        "At a glance",
    )
    assert second == Card("number", "How long is step 2?", "-3e-05 η, of 30%", "By hand")
    assert first == Card("number", "How long is the first?", "1,024.5", "By hand")
    assert bug == Card(
        "bug",
        "What is wrong here?\n\n```python\nfor _ in range(3):\n    x = x * 2\n```",
        "**The sign.** It climbs. Take\nminus.",
        "The sign",
    )
    assert folded == Card(
        "formula", "What is it?", "$$\ny = 1\n$$\n\nwhere $y$ is one.", "Why?"
    )


def test_nothing_of_the_comments_is_left():
    bare = without_cards(PAGE)
    assert "card" not in bare
    assert "## At a glance\n\n<!-- formula\n" in bare
    assert '??? example "Run it"\n\n    ```python\n' in bare


@pytest.mark.parametrize(
    ("right", "faulty", "said"),
    [
        ("What is the\nstep?", "The step", "line 3: a card must ask a question"),
        (
            "<!-- formula\nx = 1\n-->\n\n$$",
            "\n$$",
            "line 3: a card must stand directly above a formula or a snippet",
        ),
        ("where\n\n-", "-", "line 3: the formula of a card must be followed by what"),
        ("… long}", "… short}", "line 26: .*labels that are printed; got 'short'"),
        ("#2}", "#3}", "line 26: .*a number on the line of {t = 1 … long #3}"),
        (" {long} -->", " 1 -->", "line 27: a card must take a number"),
        ("    for\n", "    while\n", "line 47: .*lines of its snippet; got 'while'"),
        (
            "here?\n    for\n    x = x\n",
            "here?\n",
            "line 47: a card must name the lines of the snippet",
        ),
        ("<!-- card: What is it?", "<!-- cards: What is it?", "begin a line and end one"),
        ("    <!-- card: What is it?", "    y <!-- card: What is it?", "begin a line"),
        ("## At a glance\n", "", "line 2: a card must stand in a part of its page"),
    ],
)
def test_what_has_no_answer_is_refused(right, faulty, said):
    assert PAGE.count(right) in {1, 2}
    with pytest.raises(ValueError, match=said):
        list(cards(PAGE.replace(right, faulty, 1)))


def test_a_sentence_ends_neither_in_a_formula_nor_at_an_abbreviation():
    assert sentences(
        "No. See Kim et al. 2020 vs. $a. b$ and `x. y` (*so.*) Is it? **Yes.**\nThen 1.5."
    ) == [
        "No.",
        "See Kim et al. 2020 vs. $a. b$ and `x. y` (*so.*)",
        "Is it?",
        "**Yes.**",
        "Then 1.5.",
    ]
