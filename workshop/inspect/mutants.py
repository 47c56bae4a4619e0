"""Run mutmut, and let it plant faults in functions that are `@public` too.

mutmut leaves decorated functions alone, since a decorator may register what it is given.
Ours only looks at the arguments; without it, hardly a formula of dlref would be tried.
"""

import libcst
from mutmut.__main__ import cli
from mutmut.mutation.file_mutation import MutationVisitor

_leaves_alone = MutationVisitor._skip_node_and_children


def leaves_alone(self: MutationVisitor, node: libcst.CSTNode) -> bool:
    return not is_public(node) and _leaves_alone(self, node)


def is_public(node: libcst.CSTNode) -> bool:
    if not isinstance(node, libcst.FunctionDef) or len(node.decorators) != 1:
        return False
    decorator = node.decorators[0].decorator
    return isinstance(decorator, libcst.Name) and decorator.value == "public"


if __name__ == "__main__":
    setattr(MutationVisitor, _leaves_alone.__name__, leaves_alone)
    cli()
