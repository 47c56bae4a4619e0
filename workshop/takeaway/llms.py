"""The two files that language models look for: what there is, and all of it at once.

The form is that of https://llmstxt.org: a title, a summary, and lists of links.
"""

from workshop.takeaway.handout import Handout

INDEX, FULL = "llms.txt", "llms-full.txt"


def index(name: str, summary: str, handouts: list[Handout]) -> str:
    """Return llms.txt: each page's Markdown, with its description."""
    url = handouts[0].links.url
    rows = [
        f"- [{q.number} {q.title}]({url}{q.file('.md')}): {q.description}"
        for q in (handout.question for handout in handouts)
    ]
    return "\n".join(
        [
            f"# {name}",
            "",
            f"> {summary}",
            "",
            "Formulas are LaTeX between dollar signs. Below each Python block stands",
            "what it printed when it was run.",
            "",
            "## Questions",
            "",
            *rows,
            "",
            "## Optional",
            "",
            f"- [All of them in one file]({url}{FULL})",
            "",
        ]
    )


def full(handouts: list[Handout]) -> str:
    """Return llms-full.txt: the Markdown of all pages, one after another."""
    return "\n".join(handout.markdown for handout in handouts)
