"""PromQL as far as the tests of dashboards need it: which series a query names, what they stand in, and which labels it uses.

A tokenizer and a stack of open parentheses, no parser: whether a query is PromQL at all is for promtool to say (parsing.py).
"""

import dataclasses
import re

_TOKEN = re.compile(
    r"""(?P<string>"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'|`[^`]*`)
      | (?P<variable>\$\{\w+(?::\w+)?\}|\$\w+)
      | (?P<number>\d[\w.]*|\.\d+)
      | (?P<name>[a-zA-Z_:][\w:]*)
      | (?P<sign>=~|!~|!=|==|<=|>=|[-+*/%^<>=(){}\[\],@:])
      | (?P<nothing>\s+|\#[^\n]*)""",
    re.X,
)
_GROUPING = {"by", "without", "on", "ignoring", "group_left", "group_right"}
_NAMING = {"label_replace", "label_join", "count_values"}  # the first string in them is the label that they make
_WORDS = {"and", "or", "unless", "offset", "bool", "atan2", "inf", "nan"}


@dataclasses.dataclass(frozen=True)
class Selector:
    """A series as a query names it."""

    metric: str
    matchers: tuple[tuple[str, str, str], ...]  # label, operator, value
    window: str | None  # what stands in [...], as it is written
    calls: tuple[str, ...]  # functions and aggregations around it, the innermost last; "" is a plain parenthesis


@dataclasses.dataclass(frozen=True)
class Query:
    selectors: tuple[Selector, ...]
    groupings: tuple[tuple[str, frozenset[str]], ...]  # by, on, ... and the labels in its parenthesis
    made: frozenset[str]  # labels that label_replace() and its like make
    windows_of_subqueries: tuple[str, ...]

    @property
    def grouping(self) -> frozenset[str]:
        """The labels of all of them."""
        return frozenset().union(*(labels for _, labels in self.groupings))


def tokens(expr: str) -> list[tuple[str, str]]:
    """Kind and text. ValueError at what is no PromQL, whatever stands around it."""
    found, at = [], 0
    while at < len(expr):
        match = _TOKEN.match(expr, at)
        if not match:
            raise ValueError(f"{expr[at:at + 20]!r} is no PromQL")
        if match.lastgroup != "nothing":
            found.append((match.lastgroup, match[0]))
        at = match.end()
    return found


def read(expr: str) -> Query:
    return _Reader(expr).query()


class _Reader:
    def __init__(self, expr: str):
        self._tokens = [*tokens(expr), ("end", "")]
        self._at = 0
        self._selectors: list[Selector] = []
        self._groupings: list[tuple[str, frozenset[str]]] = []
        self._made: set[str] = set()
        self._subqueries: list[str] = []

    def _next(self) -> tuple[str, str]:
        token = self._tokens[self._at]
        self._at = min(self._at + 1, len(self._tokens) - 1)
        return token

    def _sees(self, *texts: str) -> bool:
        kind, text = self._tokens[self._at]
        return kind in ("sign", "name") and text in texts

    def query(self) -> Query:
        calls: list[str] = []
        naming: list[bool] = []  # for each of them: whether its next string is the label that it makes
        waiting = ""  # the function whose parenthesis comes next
        while self._tokens[self._at][0] != "end":
            kind, text = self._next()
            if text == "(" and kind == "sign":
                calls.append(waiting)
                naming.append(waiting in _NAMING)
                waiting = ""
            elif text == ")" and kind == "sign":
                calls, naming = calls[:-1], naming[:-1]
            elif kind == "string" and naming and naming[-1]:
                self._made.add(text[1:-1])
                naming[-1] = False
            elif text == "[" and kind == "sign":  # after a parenthesis, or it would belong to a selector
                self._subqueries.append(self._until("]"))
            elif text == "{" and kind == "sign":
                self._selector("", calls)
            elif kind == "name" and text.lower() in _GROUPING:
                self._labels(text.lower())
            elif kind == "name" and self._sees("(", "by", "without"):
                waiting = text.lower() if self._sees("by", "without") or text.lower() not in _WORDS else ""
            elif kind == "name" and text.lower() not in _WORDS:
                self._selector(text, calls)
        return Query(tuple(self._selectors), tuple(self._groupings), frozenset(self._made), tuple(self._subqueries))

    def _until(self, end: str) -> str:
        text = ""
        while self._tokens[self._at][0] != "end":
            token = self._next()[1]
            if token == end:
                break
            text += token
        return text

    def _labels(self, word: str) -> None:
        if self._sees("("):
            self._next()
            self._groupings.append((word, frozenset(label for label in self._until(")").split(",") if label)))

    def _selector(self, metric: str, calls: list[str]) -> None:
        matchers: list[tuple[str, str, str]] = []
        if not metric or self._sees("{"):
            if metric:
                self._next()
            while self._tokens[self._at][0] != "end" and not self._sees("}"):
                kind, label = self._next()
                if kind == "name":
                    matchers.append((label, self._next()[1], self._next()[1][1:-1]))
            self._next()
        window = None
        if self._sees("["):
            self._next()
            window = self._until("]")
        self._selectors.append(Selector(metric, tuple(matchers), window, tuple(calls)))

