"""Runs many snippets, each as if in a fresh interpreter. It is given to one as its `-c`.

What takes time in a small program is its imports. An interpreter that has run exactly
the leading imports of a snippet, and nothing else, can be forked for all that begin with
the same ones: their modules and attributes are those of `python snippet.py`. So this text
imports nothing but what every interpreter has loaded, and forks at every branch of the
tree of imports.

It reads the jobs from a file, as Python literals: the modules that a snippet begins to
load, the folder in which `snippet.py` lies, and the seconds that it may take. Beside the
folder it writes what came out: `.said`; `.status`, the exit status; and `.ended`, if it
came to the end that all programs have. Only for Linux: elsewhere a fork is not safe.
"""

import os
import sys

SPOILED = 77  # the status of a process whose imports printed, raised or started threads


Job = tuple[tuple[str, ...], str, float]


def grow(jobs: list[Job], depth: int) -> None:
    """Fork once for each module that several jobs go on to load, and for each job."""
    branches: dict[tuple[str, ...], list[Job]] = {}
    for job in jobs:
        branches.setdefault(job[0][depth : depth + 1], []).append(job)
    for module, branch in branches.items():
        if not module or len(branch) == 1 or not branch_off(module[0], branch, depth + 1):
            for _, folder, seconds in branch:
                run(folder, seconds)


def branch_off(module: str, jobs: list[Job], depth: int) -> bool:
    """Load a module as all of these jobs do, and go on from there; tell if that works."""
    if child := os.fork():
        return ended(child) != SPOILED
    said = os.fstat(1).st_size
    try:
        exec("import " + module, {"__name__": "__main__"})
    except BaseException:
        os._exit(SPOILED)
    sys.stdout.flush()
    sys.stderr.flush()
    if os.fstat(1).st_size > said or len(os.listdir("/proc/self/task")) > 1:
        os._exit(SPOILED)
    grow(jobs, depth)
    os._exit(0)


def run(folder: str, seconds: float) -> None:
    """Run one snippet in a process of its own, and write how that ended."""
    if child := os.fork():
        status = ended(child)
        try:  # noqa: SIM105  nothing is imported here
            os.killpg(child, 9)  # what it started and left running
        except ProcessLookupError:
            pass
        with open(folder + ".status", "w") as file:
            file.write(str(status))
    else:
        os.setpgid(0, 0)
        become(folder, seconds)
        raise SystemExit(0)  # as the end of any other program: what is left is cleared up


def become(folder: str, seconds: float) -> None:
    """Be the interpreter of one snippet."""
    import atexit

    del sys.modules["atexit"]  # not every interpreter has loaded it
    atexit.register(os.open, folder + ".ended", os.O_CREAT | os.O_WRONLY)
    alarm = sys.modules["_signal"]  # every interpreter has loaded it
    alarm.setitimer(alarm.ITIMER_REAL, seconds)
    redirect(folder + ".said", 1)
    os.dup2(1, 2)
    os.chdir(folder)
    sys.argv[:], sys.path[0] = ["snippet.py"], folder
    if "numpy.random" in sys.modules:
        sys.modules["numpy.random"].seed()  # Python does it for its own
    file = folder + "/snippet.py"
    with open(file, encoding="utf-8") as text:
        code = compile(text.read(), file, "exec", dont_inherit=True)
    names = sys.modules["__main__"].__dict__
    kept = {name: names[name] for name in ("__builtins__", "__loader__", "__spec__")}
    names.clear()
    names.update(kept, __name__="__main__", __file__=file, __doc__=None)
    names.update(__package__=None, __cached__=None, __annotations__={})
    exec(code, names)


def ended(child: int) -> int:
    """Wait for a process; return its exit status, −n for signal n."""
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


def redirect(path: str, descriptor: int) -> None:
    """Let a descriptor write into a file."""
    file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
    os.dup2(file, descriptor)
    os.close(file)


if __name__ == "__main__":
    with open(sys.argv[1], encoding="utf-8") as jobs:
        found = eval(jobs.read())
    redirect(sys.argv[1] + ".said", 1)
    os.dup2(1, 2)
    grow(found, 0)
