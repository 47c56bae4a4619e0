"""Write it yourself, and be judged by the contract of the reference.

`python -m dlref.practice` lists the exercises; in a notebook, `judge` takes what you
wrote. It needs `pip install "dlref[practice]"`.
"""

from dlref.practice.process import judge
from dlref.practice.verdict import Verdict

__all__ = ["Verdict", "judge"]
