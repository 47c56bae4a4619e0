"""What a session can ask: each question and follow-up question, with its address."""

import json
from dataclasses import replace

from tests.workshop.takeaway.conftest import HANDOUTS
from workshop.takeaway import quiz

FOLLOW_UPS = """# T

## Follow-up questions

??? question "Why is `a < b`, in a question of more than eight words?"

    An answer.

    ??? example "A fold in it"

        More.

??? question "Why β₂?"

    Another.
"""


def listed(*handouts):
    """What the script assigns, which is JSON."""
    script = quiz.script(handouts)
    assert script.startswith("var quiz = ")
    return json.loads(script.removeprefix("var quiz = ").removesuffix(";\n"))


def test_each_question_and_follow_up_question_is_listed_once():
    items = listed(*HANDOUTS)
    assert len({item["id"] for item in items}) == len(items)
    kinds = [item["kind"] for item in items]
    assert kinds.count("question") == len(HANDOUTS)
    assert kinds.count("follow-up") == sum(len(x.follow_ups) for x in HANDOUTS)


def test_an_item_has_its_address_its_kind_and_its_words_as_html():
    question = replace(HANDOUTS[0].question, body=FOLLOW_UPS, question="Is 1 < 2?")
    number = question.number.lower()
    assert listed(replace(HANDOUTS[0], question=question)) == [
        {"id": number, "kind": "question", "text": "Is 1 &lt; 2?"},
        {
            "id": f"{number}-why-is-a-b-in-a-question",
            "kind": "follow-up",
            "text": "Why is `a &lt; b`, in a question of more than eight words?",
        },
        {"id": f"{number}-why-2", "kind": "follow-up", "text": "Why β₂?"},
    ]
