"""The small language of mappings: columns, constants, + - * /, parentheses, a few functions.

``层数 * 3``, ``'B' + text(Id)``, ``choose(用途, '住宅', 'residential', '商业', 'commercial', 'other')``.
Read by Python's own parser, then every node is looked at: what is not listed here is refused, and
nothing is ever handed to ``eval``. A column whose name is no word is written ``column('楼 名')``.
"""

import ast
import difflib
import unicodedata
from collections.abc import Collection, Mapping
from copy import deepcopy
from dataclasses import dataclass

import pyarrow as pa

from importers import functions
from importers.faults import Fault
from importers.functions import FUNCTIONS, Evaluation

LONGEST = 1000
"""Characters of one expression at most."""

DEEPEST = 100
"""Levels of one expression at most, one for each sign between two values: it is walked by recursion."""

LARGEST_WHOLE = 2**63 - 1
"""The largest whole number that a column can hold."""

LEAST_TELLING = 10_000
"""Numbers of fewer digits tell nobody: a year, a factor. Longer ones may be of a telephone or an identity card."""

_OPERATORS = {ast.Add: "+", ast.Sub: "-", ast.Mult: "*", ast.Div: "/"}


class Unusable(Exception):
    """An expression that cannot be used; ``messages`` say everything that is wrong with it."""

    def __init__(self, messages: list[str]) -> None:
        super().__init__("; ".join(messages))
        self.messages = messages


@dataclass(frozen=True)
class Expression:
    """A checked expression.

    Attributes:
        text: as it was written.
        columns: names of the file's columns that it reads.
        kind: ``text``, ``number`` or ``any``: what it gives.
    """

    text: str
    columns: frozenset[str]
    kind: str
    _tree: ast.expr

    @property
    def column(self) -> str | None:
        """Name of the column that the expression is, or None where it is more than one."""
        alone = _column_read(self._tree) is not None
        return next(iter(self.columns)) if alone else None

    def masked(self, known: Collection[str]) -> str:
        """Return the expression without constants that may have been copied from a row.

        Args:
            known: texts that may stand, such as the words that a field allows.

        Returns:
            The expression; other texts, and numbers of five digits or more, are ``'…'``. Comments are gone.
        """
        return self.text if self.text in self.columns else ast.unparse(_Mask(known).visit(deepcopy(self._tree)))

    def evaluate(self, columns: Mapping[str, pa.Array], rows: int, first: int, field: str, hidden: bool = False,
                 ) -> tuple[pa.Array, list[Fault]]:
        """Compute the expression for some rows.

        Args:
            columns: column name → values.
            rows: how many values each column has.
            first: number of the first row.
            field: our field, for the faults.
            hidden: the faults show no value.

        Returns:
            One value for each row, null where any column it needs is null, and the faults of
            rows for which it has no value.
        """
        evaluation = Evaluation(rows=rows, first=first, field=field, hidden=hidden)
        result = _evaluate(self._tree, columns, evaluation)
        return functions.as_array(result, rows), evaluation.faults


def parse(text: str, kinds: Mapping[str, str]) -> Expression:
    """Read and check an expression.

    Args:
        text: the expression. The plain name of a column, whatever characters it has, is one.
        kinds: column name of the file → ``text``, ``number`` or ``any``.

    Returns:
        The expression.

    Raises:
        Unusable: with all faults: syntax, unknown columns and functions, text where a number
            is needed.
    """
    text = text.strip()
    if text in kinds:
        return Expression(text, frozenset({text}), kinds[text], _call("column", text))
    if len(text) > LONGEST:
        raise Unusable([f"an expression has at most {LONGEST} characters, not {len(text)}"])
    try:
        tree = ast.parse(text, mode="eval").body
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        where = f" at character {error.offset}" if isinstance(error, SyntaxError) and error.offset else ""
        raise Unusable([f"{text!r} is not an expression{where}; a text is written in quotes, a column with odd "
                        "characters column('…')"]) from error
    if _deeper_than(DEEPEST, tree):
        raise Unusable([f"an expression has at most {DEEPEST} levels of signs, functions and parentheses"])
    checker = _Checker(kinds)
    kind = checker.kind(tree)
    if checker.messages:
        raise Unusable(checker.messages)
    return Expression(text, frozenset(checker.columns), kind, tree)


def constant(value: str | int | float) -> Expression:
    """Return the expression of a constant, as a mapping file gives it without quotes.

    Raises:
        Unusable: a whole number that no column can hold.
    """
    if isinstance(value, int) and abs(value) > LARGEST_WHOLE:
        raise Unusable(["the number is too large for a whole number (64 bits)"])
    kind = "text" if isinstance(value, str) else "number"
    return Expression(repr(value), frozenset(), kind, ast.Constant(value))


def nearest(name: str, names: list[str] | tuple[str, ...]) -> str:
    """Return ``; did you mean x?`` for the closest of some names, or their list where none is close."""
    near = difflib.get_close_matches(name, names, 1, cutoff=0.6) or [
        other for other in names if other.lower() == name.lower()]
    return f"; did you mean {near[0]}?" if near else f"; there are: {', '.join(names) or 'none'}"


class _Mask(ast.NodeTransformer):
    """Replaces constants; names of columns are none."""

    def __init__(self, known: Collection[str]) -> None:
        self.known = known

    def visit_Call(self, node: ast.Call) -> ast.AST:
        return node if _column_read(node) is not None else self.generic_visit(node)

    def visit_Constant(self, node: ast.Constant) -> ast.AST:
        value = node.value
        harmless = value in self.known if isinstance(value, str) else abs(value) < LEAST_TELLING
        return node if harmless else ast.Constant("…")


def _column_read(node: ast.expr) -> str | None:
    match node:
        case ast.Name(id=name) | ast.Call(func=ast.Name(id="column"), args=[ast.Constant(value=name)]):
            return name
    return None


class _Checker:
    """Walks a tree once and notes what may not be in it."""

    def __init__(self, kinds: Mapping[str, str]) -> None:
        self.kinds = kinds
        self.columns: set[str] = set()
        self.messages: list[str] = []

    def kind(self, node: ast.expr) -> str:
        match node:
            case ast.Constant(value=bool() | None | bytes() | complex()):
                self.messages.append(f"{node.value!r} is neither a text nor a number")
                return "any"
            case ast.Constant(value=str() as text):
                if not text.isascii() and any("\ud800" <= letter <= "\udfff" for letter in text):
                    self.messages.append("a text holds half a character (a lone surrogate)")
                return "text"
            case ast.Constant(value=int() as number) if abs(number) > LARGEST_WHOLE:
                self.messages.append(f"{number} is too large for a whole number (64 bits)")
                return "number"
            case ast.Constant(value=int() | float()):
                return "number"
            case ast.Name(id=name):
                return self.column(name)
            case ast.UnaryOp(op=ast.USub() | ast.UAdd(), operand=operand):
                return self.number(operand)
            case ast.BinOp(left=left, op=ast.Add(), right=right):
                kinds = {self.kind(left), self.kind(right)}
                return "text" if "text" in kinds else "any" if "any" in kinds else "number"
            case ast.BinOp(left=left, op=ast.Sub() | ast.Mult() | ast.Div(), right=right):
                self.number(left)
                return self.number(right)
            case ast.Call(func=ast.Name(id="column"), args=[ast.Constant(value=str() as name)], keywords=[]):
                return self.column(name)
            case ast.Call(func=ast.Name(id=name), args=arguments, keywords=[]):
                return self.call(name, arguments)
        self.messages.append(f"{ast.unparse(node)!r} is not allowed; there are columns, constants, + - * /, "
                             f"parentheses and {', '.join(FUNCTIONS)}")
        return "any"

    def column(self, name: str) -> str:
        found = _find(name, self.kinds)
        if found is None:
            self.messages.append(f"the file has no column {name!r}{nearest(name, list(self.kinds))}")
            return "any"
        self.columns.add(found)
        return self.kinds[found]

    def number(self, node: ast.expr) -> str:
        if self.kind(node) == "text":
            self.messages.append(f"{ast.unparse(node)} is text; write number({ast.unparse(node)})")
        return "number"

    def call(self, name: str, arguments: list[ast.expr]) -> str:
        function = FUNCTIONS.get(name)
        kinds = [self.kind(argument) for argument in arguments]
        if function is None:
            self.messages.append(f"there is no function {name!r}{nearest(name, list(FUNCTIONS))}")
            return "any"
        wrong = function.wrong_arguments(len(arguments))
        if wrong:
            self.messages.append(f"{name} takes {wrong}, not {len(arguments)} arguments")
        for position in function.constants(len(arguments)):
            if not isinstance(arguments[position], ast.Constant):
                self.messages.append(f"argument {position + 1} of {name} must be written out, not computed")
        written = [arguments[position] for position in function.constants(len(arguments))]
        if not wrong and written and all(isinstance(one, ast.Constant) for one in written):
            refused = function.refuse(*(one.value for one in written))
            self.messages.extend([refused] if refused else [])
        if function.numbers and "text" in kinds[:1]:
            self.messages.append(f"{name} needs a number; write {name}(number({ast.unparse(arguments[0])}))")
        return function.gives or (kinds[0] if kinds else "any")


def _deeper_than(levels: int, tree: ast.expr) -> bool:
    level: list[ast.AST] = [tree]
    while level and levels:
        level, levels = [child for node in level for child in ast.iter_child_nodes(node)], levels - 1
    return bool(level)


def _find(name: str, kinds: Mapping[str, str]) -> str | None:
    if name in kinds:
        return name
    # Python's parser turns names into NFKC: full-width letters of a file's column included.
    return next((other for other in kinds if unicodedata.normalize("NFKC", other) == name), None)


def _call(name: str, argument: str) -> ast.expr:
    return ast.Call(func=ast.Name(id=name), args=[ast.Constant(argument)], keywords=[])


def _evaluate(node: ast.expr, columns: Mapping[str, pa.Array], evaluation: Evaluation) -> pa.Array | str | float:
    match node:
        case ast.Constant(value=value):
            return value
        case ast.Name(id=name) | ast.Call(func=ast.Name(id="column"), args=[ast.Constant(value=name)]):
            return columns[_find(name, dict.fromkeys(columns, ""))]
        case ast.UnaryOp(op=op, operand=operand):
            value = _evaluate(operand, columns, evaluation)
            return functions.arithmetic("-", 0, value, evaluation) if isinstance(op, ast.USub) else value
        case ast.BinOp(left=left, op=op, right=right):
            return functions.arithmetic(_OPERATORS[type(op)], _evaluate(left, columns, evaluation),
                                        _evaluate(right, columns, evaluation), evaluation)
        case ast.Call(func=ast.Name(id=name), args=arguments):
            values = [_evaluate(argument, columns, evaluation) for argument in arguments]
            return FUNCTIONS[name].compute(values, evaluation)
    raise AssertionError(ast.dump(node))
