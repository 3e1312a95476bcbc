"""A strict reader of the Prometheus text format, version 0.0.4."""

import re

_NAME = r"[a-zA-Z_:][a-zA-Z0-9_:]*"
_SAMPLE = re.compile(rf"({_NAME})(?:\{{(.*)\}})? (\S+)")
_LABEL = re.compile(r'([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\\n]|\\["\\n])*)"(?:,|$)')
_COMMENT = re.compile(rf"# (HELP|TYPE) ({_NAME}) (.*)")

_HISTOGRAM_PARTS = ("_bucket", "_sum", "_count")

Labels = frozenset[tuple[str, str]]


class Exposition:
    """The samples of one scrape. A body that is cut off, or breaks a rule of the format, raises ValueError."""

    def __init__(self, body: str):
        self.types: dict[str, str] = {}
        self.helps: dict[str, str] = {}
        self._samples: dict[str, dict[Labels, float]] = {}
        if not body.endswith("\n"):
            raise ValueError(f"the body does not end with a newline: ...{body[-80:]!r}")
        for line in body.splitlines():
            if line.startswith("#"):
                self._comment(line)
            else:
                self._sample(line)
        for name, kind in self.types.items():
            if kind == "histogram":
                self._check_histogram(name)

    def _comment(self, line: str) -> None:
        match = _COMMENT.fullmatch(line)
        if not match:
            raise ValueError(f"not a HELP or TYPE line: {line!r}")
        kind, name, text = match.groups()
        target = self.helps if kind == "HELP" else self.types
        if name in target:
            raise ValueError(f"a second {kind} of {name}")
        target[name] = text

    def _sample(self, line: str) -> None:
        match = _SAMPLE.fullmatch(line)
        if not match:
            raise ValueError(f"not a sample: {line!r}")
        name, text, value = match.groups()
        if self._family(name) not in self.types:
            raise ValueError(f"a sample of {name} before its TYPE")
        if self.types.get(name) == "histogram":
            raise ValueError(f"a sample of the histogram {name} that is none of {_HISTOGRAM_PARTS}")
        labels = self._labels(text or "", line)
        family = self._samples.setdefault(name, {})
        if labels in family:
            raise ValueError(f"a second sample: {line!r}")
        family[labels] = float(value)

    def _family(self, name: str) -> str:
        """The name of the TYPE line that a sample belongs to."""
        for part in _HISTOGRAM_PARTS:
            if name.endswith(part) and self.types.get(name.removesuffix(part)) == "histogram":
                return name.removesuffix(part)
        return name

    def _check_histogram(self, name: str) -> None:
        """Each has rising buckets up to +Inf, which is its count, and a sum."""
        buckets: dict[Labels, list[tuple[float, float]]] = {}
        for labels, value in self._samples.get(f"{name}_bucket", {}).items():
            bounds = [bound for key, bound in labels if key == "le"]
            if len(bounds) != 1:
                raise ValueError(f"a bucket of {name} without le")
            buckets.setdefault(labels - {("le", bounds[0])}, []).append((float(bounds[0]), value))
        counts = self._samples.get(f"{name}_count", {})
        if not buckets.keys() == counts.keys() == self._samples.get(f"{name}_sum", {}).keys():
            raise ValueError(f"{name} lacks buckets, a count or a sum")
        for labels, found in buckets.items():
            if found != sorted(found) or [value for _, value in found] != sorted(value for _, value in found):
                raise ValueError(f"buckets of {name} that do not rise: {found}")
            if found[-1] != (float("inf"), counts[labels]):
                raise ValueError(f"the last bucket of {name} is {found[-1]}, and not +Inf with the count")

    @staticmethod
    def _labels(text: str, line: str) -> Labels:
        labels, at = {}, 0
        while at < len(text):
            match = _LABEL.match(text, at)
            if not match or match[1] in labels:
                raise ValueError(f"labels that cannot be read: {line!r}")
            labels[match[1]] = re.sub(r"\\(.)", lambda m: {"n": "\n"}.get(m[1], m[1]), match[2])
            at = match.end()
        return frozenset(labels.items())

    def names(self) -> set[str]:
        """Names of all families that have a sample."""
        return set(self._samples)

    def series(self) -> list[str]:
        """The name of every sample: as many as Prometheus makes series of it."""
        return [name for name, samples in self._samples.items() for _ in samples]

    def value(self, name: str, /, **labels: str) -> float:
        """The one sample with exactly these labels. KeyError where it is absent."""
        return self._samples[name][frozenset(labels.items())]

    def buckets(self, name: str, /, **labels: str) -> dict[float, float]:
        """The cumulative buckets of one histogram by their bound. KeyError where it is absent."""
        self.value(f"{name}_count", **labels)
        wanted = set(labels.items())
        return {
            float(dict(found)["le"]): value
            for found, value in self._samples[f"{name}_bucket"].items()
            if {pair for pair in found if pair[0] != "le"} == wanted
        }

    def by(self, name: str, *label_names: str) -> dict:
        """All samples of a family by the values of these labels, others summed over. Empty where it is absent.

        Keys are strings for one label, tuples for several.
        """
        sums: dict = {}
        for labels, value in self._samples.get(name, {}).items():
            values = tuple(dict(labels).get(label, "") for label in label_names)
            key = values[0] if len(values) == 1 else values
            sums[key] = sums.get(key, 0) + value
        return sums

    def values(self, name: str) -> list[float]:
        """Of all samples of a family. Empty where it is absent."""
        return list(self._samples.get(name, {}).values())

    def total(self, name: str) -> float:
        """The sum over a family. KeyError where it is absent."""
        return sum(self._samples[name].values())
