"""Reads both formats with the reference parsers of Debian's python3-prometheus-client and compares what they say."""

import math

try:
    from prometheus_client.openmetrics.parser import text_string_to_metric_families as parse_openmetrics
    from prometheus_client.parser import text_string_to_metric_families as parse_text

    WHY_NOT = None
except ImportError:
    WHY_NOT = "no prometheus_client: scripts/install-dependencies test installs python3-prometheus-client"

Series = tuple[str, frozenset[tuple[str, str]]]


def _series(sample) -> Series:
    # OpenMetrics writes the bounds of buckets as floats, "1.0"; the text format writes "1".
    labels = {name: str(float(value)) if name == "le" else value for name, value in sample.labels.items()}
    return sample.name, frozenset(labels.items())


def _samples(families) -> dict[Series, float]:
    """All samples. ValueError where one stands twice."""
    samples: dict[Series, float] = {}
    for family in families:
        for sample in family.samples:
            series = _series(sample)
            if series in samples:
                raise ValueError(f"twice: {series}")
            if sample.timestamp is not None:
                raise ValueError(f"a timestamp: {series}")
            samples[series] = float(sample.value)
    return samples


def openmetrics_samples(body: str) -> dict[Series, float]:
    """The samples of an OpenMetrics body. ValueError where it breaks a rule of the format."""
    return _samples(parse_openmetrics(body))


def openmetrics_types(body: str) -> dict[str, str]:
    """The type of each family, by its name in OpenMetrics."""
    return {family.name: family.type for family in parse_openmetrics(body)}


def text_samples(body: str) -> dict[Series, float]:
    return _samples(parse_text(body))


def differences(text: str, openmetrics: str, except_values_of: tuple[str, ...] = ()) -> list[str]:
    """What one of two bodies says and the other does not.

    prometheus-cpp writes 16 significant digits, which is not all that a double has.
    """
    left, right = text_samples(text), openmetrics_samples(openmetrics)
    found = [f"only as text: {series}" for series in left.keys() - right.keys()]
    found += [f"only as OpenMetrics: {series}" for series in right.keys() - left.keys()]
    for series in left.keys() & right.keys():
        same = math.isclose(left[series], right[series], rel_tol=1e-15) or left[series] == right[series]
        if not same and not series[0].startswith(except_values_of or ("\0",)):
            found.append(f"{series}: {left[series]} as text, {right[series]} as OpenMetrics")
    return found
