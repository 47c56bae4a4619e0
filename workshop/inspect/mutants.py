"""Run mutmut, and let it plant faults in functions that are `@public` too.

mutmut leaves decorated functions alone, since a decorator may register what it is given.
Ours only looks at the arguments; without it, hardly a formula of dlref would be tried.

Which tests reach which function, mutmut finds by running them once. A process that a test
starts would take part, since the environment says so, and would look for the settings of
mutmut where it stands: in an empty folder, as a reader may be. So it is left out of that
run alone; a planted fault goes down to it all the same.
"""

import os
from collections.abc import Iterable
from typing import Any


def run() -> None:
    """Do what the command line says, as `mutmut` does."""
    # Not above: when it is imported, mutmut chooses how processes start.
    from mutmut.__main__ import cli
    from mutmut.mutation.file_mutation import MutationVisitor
    from mutmut.runners.harness import PytestRunner

    leaves_alone = MutationVisitor._skip_node_and_children

    def leaves_alone_what_is_not_public(self: MutationVisitor, node: Any) -> bool:
        return not is_public(node) and bool(leaves_alone(self, node))

    setattr(MutationVisitor, leaves_alone.__name__, leaves_alone_what_is_not_public)

    runs_stats = PytestRunner.run_stats

    def runs_stats_here_alone(self: PytestRunner, *, tests: Iterable[str]) -> int:
        os.environ.pop("MUTANT_UNDER_TEST", None)  # mutmut remembers it beside
        return int(runs_stats(self, tests=tests))

    setattr(PytestRunner, runs_stats.__name__, runs_stats_here_alone)
    cli()


def is_public(node: Any) -> bool:
    """Tell whether a node of libcst is a function with no decorator but `@public`."""
    import libcst

    if not isinstance(node, libcst.FunctionDef) or len(node.decorators) != 1:
        return False
    decorator = node.decorators[0].decorator
    return bool(isinstance(decorator, libcst.Name) and decorator.value == "public")


if __name__ == "__main__":
    run()
