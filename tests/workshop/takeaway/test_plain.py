"""What only the site understands is put into words; code and formulas stay."""

import re

import pytest

from tests.workshop.takeaway.conftest import HANDOUTS, each, published
from workshop.pages.fences import fences
from workshop.pages.formulas import formulas
from workshop.pages.snippets import snippets
from workshop.takeaway.links import Links
from workshop.takeaway.plain import flat, unflagged

LINKS = Links("https://x.example/", {"dl0046": "losses/focal/#dl0046"})
PAGE = """\
# Title {#dl0001}

<!-- formula
x = 1
-->

$$
x = 1
$$

!!! warning "Often printed, and wrong"

    Not so:

    ```python
    # no heading {#here}


    !!! print("[a][dl0046]")
    ```

Prose, see [DL0046][dl0046] and [the losses](../reference/losses.md#top).

## Part

=== "NumPy"

    One.

    ??? note "Inner"

        Deep.

=== "PyTorch"

    Two.

/// figure-caption
**Lead.** Rest.
///

<figure class="live" markdown>
<label>γ</label>

</figure>

/// figure-caption
**More.**
///
"""
FLAT = """\
# Title

$$
x = 1
$$

## Often printed, and wrong

Not so:

```python
# no heading {#here}


!!! print("[a][dl0046]")
```

---

Prose, see [DL0046](https://x.example/losses/focal/#dl0046) and \
[the losses](https://x.example/reference/losses/#top).

## Part

### NumPy

One.

#### Inner

Deep.

### PyTorch

Two.

---

Figure 1. **Lead.** Rest.

Figure 2. **More.**
"""
SITE_ONLY = re.compile(
    r"^\s*(?:!!!|\?\?\?|===|///)|<!--|^\s*</?\w|\{:?\s*[.#][\w-]|\]\[|\]\([^)h]",
    re.MULTILINE,
)


def outside(text):
    """The text without its fences, inline code and formulas."""
    for fence in reversed(fences(text)):
        text = text[: fence.start] + text[fence.end :]
    return re.sub(r"\$\$.*?\$\$|\$[^$]+\$|`[^`]+`", "", text, flags=re.DOTALL)


def test_a_page_with_all_that_the_site_knows():
    assert flat(PAGE, "losses/focal.md", LINKS) == FLAT


def test_without_an_address_the_words_of_a_link_remain():
    text = flat(PAGE, "losses/focal.md", Links())
    assert "Prose, see DL0046 and the losses.\n" in text


def test_a_reference_that_leads_nowhere_is_an_error():
    with pytest.raises(KeyError, match="dl0099"):
        flat("See [that][dl0099].", "losses/focal.md", LINKS)


def test_flags_go_and_titles_stay():
    text = '```text {.output .number}\n1\n```\n\n```python title="a.py"\nx {.y}\n```\n'
    assert unflagged(text) == text.replace(" {.output .number}", "")


@each
def test_nothing_of_the_site_is_left(handout):
    assert SITE_ONLY.findall(outside(handout.markdown)) == []


@pytest.mark.parametrize("handout", published(""), ids=lambda x: x.question.number)
def test_nothing_of_the_site_is_left_without_an_address_either(handout):
    assert SITE_ONLY.findall(outside(handout.markdown)) == []


@each
def test_code_outputs_and_formulas_are_intact(handout):
    before, after = list(snippets(handout.question.body)), list(snippets(handout.flat))
    assert [(s.code, s.expected) for s in after] == [(s.code, s.expected) for s in before]
    before, after = formulas(handout.question.body), formulas(handout.flat)
    assert [x.latex for x in after] == [x.latex for x in before]


def test_the_questions_come_in_their_order_with_their_parts():
    numbers = [x.question.number for x in HANDOUTS]
    assert numbers == sorted(numbers)
    focal = HANDOUTS[numbers.index("DL0046")]
    assert focal.question.file(".ipynb") == "losses/focal.ipynb"
    assert focal.url == "https://dlref.example/losses/focal/"
    assert focal.follow_ups[0][0] == "What does γ = 0 give?"
    assert "equation 3 of the paper" in focal.follow_ups[0][1]
