"""The two files that language models look for: what there is, and all of it at once.

The form is that of https://llmstxt.org: a title, a summary, and lists of links.
"""

from publish.questions import Question

INDEX, FULL = "llms.txt", "llms-full.txt"


def index(name: str, summary: str, questions: list[Question]) -> str:
    """Return llms.txt: each page's Markdown, with its description."""
    rows = [
        f"- [{q.number} {q.title}]({q.links.url}{q.file('.md')}): {q.description}"
        for q in questions
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
            f"- [All of them in one file]({questions[0].links.url}{FULL})",
            "",
        ]
    )


def full(questions: list[Question]) -> str:
    """Return llms-full.txt: the Markdown of all pages, one after another."""
    return "\n".join(question.markdown for question in questions)
