"""From LaTeX to a tree: a parser that knows what its names are bound to.

The parts of the grammar are classes that `levels.Parser` puts together: `symbols`,
`calls`, `fences`, `derivatives`, `running` and `environments`. `grammar` says what they
ask of one another; `rows` parts a formula into its claims.
"""

from collections.abc import Mapping
from dataclasses import replace

from workshop.verify.formula.parse.levels import Parser
from workshop.verify.formula.parse.rows import claims
from workshop.verify.formula.tokens import FormulaError
from workshop.verify.formula.tree import Claim


def parse(latex: str, names: Mapping[str, object]) -> list[Claim]:
    """Read the claims of a formula, in their order.

    Args:
        latex: What stands between the dollars.
        names: What the symbols are bound to, as `Name.identifier` writes them. A bracket
            behind a function holds its arguments; `W^Q` is one name if `W_Q` is bound.

    Raises:
        FormulaError: If there is something in it that the grammar lacks, or no claim.
    """
    found = claims(latex)
    if not found:
        raise FormulaError("a formula must claim something; got nothing")
    return [
        replace(
            Parser(row, latex, names).whole(Parser.claim),
            latex=latex[row[0].start : row[-1].start + len(row[-1].text)],
        )
        for row in found
    ]
