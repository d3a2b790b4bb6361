"""Break the checker in every small way, and see what notices: `python -m tests.certificates.mutants`.

A mutant is `exact.py` or `rounded.py` with one node of its syntax tree changed. It is killed if it decides
any case of `Cases` otherwise than it should, raises what it should not, or does not come to an end.
"""

import ast
import collections
import contextlib
import copy
import functools
import json
import resource
import signal
import subprocess
import sys
import tempfile
import types
from pathlib import Path
from typing import Any

from ssmctl.certificates import exact, rounded

FILES = {"exact": Path(exact.__file__), "rounded": Path(rounded.__file__)}
SOURCES = {which: path.read_text(encoding="utf-8") for which, path in FILES.items()}  # as imported
UNTOUCHED = {"main", "shown", "worded"}  # what is printed
LIMIT, MEMORY = 10, 6 * 2**30  # seconds of the processor, bytes: a mutant may not come to an end by itself

NEGATED = {
    ast.Lt: ast.GtE,
    ast.GtE: ast.Lt,
    ast.Gt: ast.LtE,
    ast.LtE: ast.Gt,
    ast.Eq: ast.NotEq,
    ast.NotEq: ast.Eq,
    ast.In: ast.NotIn,
    ast.NotIn: ast.In,
    ast.Is: ast.IsNot,
    ast.IsNot: ast.Is,
}
STRICT = {ast.Lt: ast.LtE, ast.LtE: ast.Lt, ast.Gt: ast.GtE, ast.GtE: ast.Gt}
OTHER = {
    "positive": "nonnegative",
    "nonnegative": "positive",
    "any": "all",
    "all": "any",
    "max": "min",
    "min": "max",
    "maximum": "minimum",
}


# ---------------------------------------------------------------------------------------- making mutants
def called(node):
    """Give the name of what a call calls, or None."""
    if isinstance(node, ast.Call):
        return getattr(node.func, "attr", getattr(node.func, "id", None))
    return None


def changed(node, **fields):
    other = copy.copy(node)
    for key, value in fields.items():
        setattr(other, key, value)
    return other


def renamed(node, name):
    f = node.func
    return changed(node, func=changed(f, **{"attr" if isinstance(f, ast.Attribute) else "id": name}))


def sliced(node, low, high):
    """Give list(node)[low:high]."""
    ends = [None if k is None else ast.Constant(k) for k in (low, high)]
    whole = ast.Call(ast.Name("list", ast.Load()), [node], [])
    return ast.Subscript(whole, ast.Slice(*ends), ast.Load())


def minus(node):
    return ast.UnaryOp(ast.USub(), node)


def variants(node, parent):
    """Yield (kind of mutation, another node in its place)."""
    if isinstance(parent, ast.Subscript) and isinstance(node, ast.Constant):
        if node.value in (0, 1):
            yield "block or order", ast.Constant(1 - node.value)
        return
    match node:
        case ast.Compare():
            for i, op in enumerate(node.ops):
                for kind, table in (("comparison flipped", NEGATED), ("strictness", STRICT)):
                    if type(op) in table:
                        yield kind, changed(node, ops=[*node.ops[:i], table[type(op)](), *node.ops[i + 1 :]])
        case ast.BinOp(op=ast.Add() | ast.Sub()):
            plus = isinstance(node.op, ast.Add)
            yield "term dropped", node.left
            yield "term dropped", node.right if plus else minus(node.right)
            yield "sign", changed(node, op=ast.Sub() if plus else ast.Add())
        case ast.BinOp(op=ast.Mult()):
            yield "factor dropped", node.left
            yield "factor dropped", node.right
        case ast.BinOp(op=ast.MatMult()):
            yield "block or order", changed(node, left=node.right, right=node.left)
        case ast.BinOp(op=ast.LShift() | ast.RShift()):
            yield "sign", changed(node, op=ast.RShift() if isinstance(node.op, ast.LShift) else ast.LShift())
        case ast.UnaryOp(op=ast.USub()) if not isinstance(node.operand, ast.Constant):
            yield "sign", node.operand
        case ast.UnaryOp(op=ast.Not()):
            yield "truth value", node.operand
        case ast.BoolOp():
            yield "truth value", changed(node, op=ast.Or() if isinstance(node.op, ast.And) else ast.And())
            for i in range(len(node.values)):
                rest = node.values[:i] + node.values[i + 1 :]
                yield "condition dropped", rest[0] if len(rest) == 1 else changed(node, values=rest)
        case ast.Attribute(attr="T"):
            yield "transpose dropped", node.value
        case ast.Constant(value=bool()):
            yield "truth value", ast.Constant(not node.value)
        case ast.Constant(value=int(number)):
            yield "constant", ast.Constant(number - 1)
            yield "constant", ast.Constant(number + 1)
        case ast.Constant(value=float(number)):
            yield "constant", ast.Constant(number / 2)
        case ast.Call():
            yield from of_call(node)
        case ast.comprehension() if called(node.iter) != "range":
            yield "loop shortened", changed(node, iter=sliced(node.iter, 1, None))
            yield "loop shortened", changed(node, iter=sliced(node.iter, None, -1))
        case ast.comprehension() if node.ifs:
            yield "condition dropped", changed(node, ifs=[])
        case ast.For() if called(node.iter) != "range":
            yield "loop shortened", changed(node, iter=sliced(node.iter, 1, None))
            yield "loop shortened", changed(node, iter=sliced(node.iter, None, -1))
        case ast.Expr(value=ast.Call()):
            yield "guard dropped", ast.Pass()
        case ast.Return(value=ast.Call()) if called(node.value) == "need":
            yield "guard dropped", ast.Return(None)
        case ast.If(body=[ast.Return() | ast.Raise()], orelse=[]):
            yield "guard dropped", ast.Pass()
        case ast.IfExp():
            yield "condition dropped", node.body
            yield "condition dropped", node.orelse
        case ast.AugAssign():
            yield "term dropped", ast.Pass()


def of_call(node):
    """Yield the mutations of a call."""
    name, args = called(node), node.args
    if name in OTHER:
        kind = "strictness" if name in ("positive", "nonnegative") else "truth value"
        yield kind, renamed(node, OTHER[name])
    if name == "abs":
        yield "abs dropped", args[0] if args else node.func.value
    if name == "times" and isinstance(node.func, ast.Attribute):
        yield "factor dropped", node.func.value
    if name == "range":
        for shift in (ast.Sub(), ast.Add()):
            yield (
                "loop shortened",
                changed(node, args=[*args[:-1], ast.BinOp(args[-1], shift, ast.Constant(1))]),
            )
    if name in ("join", "entry") and len(args) == 2:
        yield "block or order", changed(node, args=args[::-1])
    if (
        name == "block"
        and isinstance(args[0], ast.List)
        and all(isinstance(row, ast.List) for row in args[0].elts)
    ):
        grid = [row.elts for row in args[0].elts]
        build = lambda rows: changed(
            node, args=[ast.List([ast.List(row, ast.Load()) for row in rows], ast.Load())]
        )
        if len(grid) == 2 == len(grid[0]):
            (a, b), (c, d) = grid
            yield "block or order", build([[a, c], [b, d]])
            yield "block or order", build([[d, b], [c, a]])
            yield "block or order", build([[a, b], [ast.Attribute(c, "T", ast.Load()), d]])
        elif len(grid) == 1 and len(grid[0]) == 2:
            yield "block or order", build([grid[0][::-1]])


def sites(tree):
    """Yield (function, parent, where it keeps the node, the node) for all nodes that are code, not words."""

    def visit(node, inside):
        for field, value in ast.iter_fields(node):
            many = isinstance(value, list)
            for i, child in enumerate(value if many else [value]):
                if not isinstance(child, ast.AST) or isinstance(child, ast.JoinedStr | ast.arguments):
                    continue
                words = called(node) == "need" and field == "args" and i >= 1
                name = getattr(child, "name", None)
                if words or isinstance(node, ast.Raise) or name in UNTOUCHED or field == "annotation":
                    continue
                if isinstance(node, ast.Module) and isinstance(child, ast.If):
                    continue  # __main__
                where = f"{inside}.{name}".lstrip(".") if isinstance(name, str) else inside
                yield where, node, (value if many else node), (i if many else field), child
                yield from visit(child, where)

    yield from visit(tree, "")


def mutants(which, k=0, n=1):
    """Yield (kind, function, change, code) for every n-th mutant of a file, from the k-th on."""
    tree = ast.parse(SOURCES[which])
    number = 0
    for where, parent, holder, key, node in list(sites(tree)):
        whole = parent if isinstance(parent, ast.expr | ast.comprehension | ast.Return | ast.Assign) else node
        before = ast.unparse(whole)
        put: Any = holder.__setitem__ if isinstance(holder, list) else functools.partial(setattr, holder)
        for kind, other in variants(node, parent):
            if ast.unparse(node) == ast.unparse(ast.fix_missing_locations(other)):
                continue
            number += 1
            if number % n == k:
                put(key, ast.copy_location(other, node) if hasattr(node, "lineno") else other)
                ast.fix_missing_locations(tree)
                after = ast.unparse(other if whole is node else whole)
                code = compile(tree, str(FILES[which]), "exec")
                put(key, node)
                yield kind, where, f"{short(before)}  ->  {short(after)}", code


def short(text):
    first, *more = text.split("\n")
    return first + (" …" if more else "")


def loaded(which, code):
    """Run a mutant as a module of its own, which nothing else sees."""
    module = types.ModuleType(f"ssmctl.certificates.{which}")
    module.__file__ = str(FILES[which])
    exec(code, module.__dict__)
    return module


# ---------------------------------------------------------------------------------------- killing mutants
def fate(which, where, code, cases):
    """Give the case that kills a mutant of a function, or None if it survives."""

    def ring(*_):
        raise TimeoutError

    signal.signal(signal.SIGPROF, ring)
    signal.setitimer(signal.ITIMER_PROF, LIMIT)
    try:
        return cases.killer(which, loaded(which, code), where)
    except TimeoutError:
        return "no end"
    except Exception as error:  # a mutant may do anything
        return f"{type(error).__name__} while it is loaded or used"
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)


def part(k, n):
    """Print the fate of every n-th mutant as JSON, one a line; those known to be equivalent are not run."""
    from tests.certificates.cases import Cases
    from tests.certificates.equivalent import EQUIVALENT

    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    cases = Cases()
    for which, module in (("exact", exact), ("rounded", rounded)):
        assert cases.killer(which, module) is None, "the checker itself is killed"
        for kind, where, change, code in mutants(which, k, n):
            same = (which, where, change) in EQUIVALENT
            killer = "equivalent" if same else fate(which, where, code, cases)
            print(json.dumps([which, kind, where, change, killer]), flush=True)


def run(n=2, share=1):
    """Give the fate of all mutants, or of one in `share` of them, found by n processes."""
    command = [sys.executable, "-m", "tests.certificates.mutants"]
    with contextlib.ExitStack() as stack:
        jobs, files = [], [stack.enter_context(tempfile.TemporaryFile("w+")) for _ in range(n)]
        for k, file in enumerate(files):
            jobs.append(
                subprocess.Popen([*command, f"{k}/{n * share}"], stdout=file, cwd=Path(__file__).parents[2])
            )
        assert [job.wait() for job in jobs] == [0] * n
        for file in files:
            file.seek(0)
        return [json.loads(line) for file in files for line in file]


def table(fates):
    """Give the table by kind with the survivors, and the share that was killed of those not equivalent."""
    counts = collections.defaultdict(lambda: [0, 0, 0, 0])
    for _, kind, _, _, killer in fates:
        row = counts[kind]
        row[0] += 1
        row[{None: 3, "equivalent": 2}.get(killer, 1)] += 1
    rows = [*sorted(counts.items()), ("all", [sum(c) for c in zip(*counts.values(), strict=True)])]
    text = [f"{'kind':<22}{'made':>6}{'killed':>8}{'equal':>7}{'alive':>7}"]
    text += [f"{kind:<22}{row[0]:>6}{row[1]:>8}{row[2]:>7}{row[3]:>7}" for kind, row in rows]
    text += [f"  {which} {where}: {change}" for which, _, where, change, killer in fates if killer is None]
    made, killed, same, _ = rows[-1][1]
    return "\n".join(text), killed / (made - same)


if __name__ == "__main__":
    if len(sys.argv) > 1:
        part(*map(int, sys.argv[1].split("/")))
    else:
        print(table(run())[0])
