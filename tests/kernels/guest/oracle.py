"""What the exporter says of the next boot, and whether the boot proves it wrong. Knows neither files nor processes."""

import dataclasses

# Reasons that say what the boot does to the running value. The others say that a line of a file has no effect.
OF_THE_VALUE = ("value_differs", "not_set")


@dataclasses.dataclass(frozen=True)
class Said:
    """Of one setting, as its series say it: absent ones are None."""

    drift: float | None = None
    reason: str = ""  # of drift
    file: str = ""  # FILE:LINE
    persisted: float | None = None
    unknown: str | None = None  # the reason

    def words(self) -> str:
        if self.drift is None:
            text = "nothing" if self.unknown is None else f"unknown ({self.unknown})"
        else:
            text = f"drift {self.drift:.0f}" + (f" ({self.reason} {self.file})" if self.drift else "")
        return text + ("" if self.persisted is None else f", persisted {self.persisted:.0f}")


def said(scrape) -> dict[str, Said]:
    """By the names of settings, of an exposition."""
    found: dict[str, dict] = {}
    for setting, value in scrape.by("conntrack_setting_drift", "setting").items():
        found.setdefault(setting, {})["drift"] = value
    for setting, value in scrape.by("conntrack_setting_persisted", "setting").items():
        found.setdefault(setting, {})["persisted"] = value
    for setting, reason, file in scrape.by("conntrack_setting_drift_info", "setting", "reason", "file"):
        found.setdefault(setting, {}).update(reason=reason, file=file)
    for setting, reason in scrape.by("conntrack_setting_drift_unknown_info", "setting", "reason"):
        found.setdefault(setting, {})["unknown"] = reason
    return {setting: Said(**fields) for setting, fields in found.items()}


def contradiction(what: Said, before: int, after: int | None, in_vain: int | None) -> str:
    """Why what was said is wrong, or nothing. `before` ran when it was said, `after` runs after the boot: None if nothing tracks then.
    `in_vain` is the value in the line that the exporter names, where that is a number."""
    if what.drift is None:
        return "neither known nor unknown" if what.unknown is None else ""
    if what.unknown is not None:
        return "known and unknown at the same time"
    if what.drift == 0:
        if after != before:
            return "no drift, and the boot changes it"
        return "" if what.persisted in (None, after) else "no drift, and another value persists than the boot sets"
    if what.reason in OF_THE_VALUE:
        if after == before:
            return "drift, and the boot leaves it as it is"
        return "" if what.persisted is None or after in (None, what.persisted) else "the boot sets another value than persists"
    # The line has no effect: its value may be there only if it always is.
    if in_vain is not None and after == in_vain != before:
        return "a line in vain, and the boot carries it out"
    return "drift, and the boot leaves it as its line says" if in_vain is not None and after == before == in_vain else ""
