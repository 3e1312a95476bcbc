"""As much of Helm as alerts/conntrack.helm.yml uses: values, printf, raw strings, and if and with around whole lines."""

import re

import yaml

# A raw string may hold what looks like the end of the action.
_ACTION = re.compile(r"\s*\{\{-\s*(?P<left>`[^`]*`|(?:[^`}]|`[^`]*`)*?)\s*\}\}|\{\{\s*(?P<plain>`[^`]*`|(?:[^`}]|`[^`]*`)*?)\s*\}\}")


def _value(path: str, dot, root: dict):
    if path == ".":
        return dot
    found = root
    for part in path.removeprefix(".").split("."):
        found = found[part]
    return found


def _evaluate(action: str, dot, root: dict) -> str:
    if action.startswith("`"):
        return action[1:-1]
    if match := re.fullmatch(r"printf (\S+) `([^`]*)`", action):
        return _value(match[1], dot, root) % match[2]
    if match := re.fullmatch(r"toYaml (\S+) \| nindent (\d+)", action):
        lines = yaml.safe_dump(_value(match[1], dot, root), default_flow_style=False).rstrip("\n").split("\n")
        return "".join("\n" + " " * int(match[2]) + line for line in lines)
    if match := re.fullmatch(r"\.Values\.(\w+) \| default (\S+)", action):
        return root["Values"].get(match[1]) or _value(match[2], dot, root)
    if re.fullmatch(r"\.[\w.]*", action):
        value = _value(action, dot, root)
        return f"{value:g}" if isinstance(value, float) else str(value)
    raise ValueError(f"the renderer of the tests does not know {{{{ {action} }}}}")


def render(template: str, values: dict, release: str = "conntrack") -> str:
    """What Helm makes of a template. Raises ValueError for what it does not know, KeyError for a value that is not there."""
    root = {"Values": values, "Release": {"Name": release, "Namespace": "monitoring"}}
    written: list[str] = []
    scopes: list[tuple[bool, object]] = [(True, root)]  # whether text counts, and what `.` is
    at = 0
    for match in _ACTION.finditer(template):
        shown, dot = scopes[-1]
        if shown:
            written.append(template[at : match.start()])
        at = match.end()
        action = match["left"] if match["left"] is not None else match["plain"]
        if block := re.fullmatch(r"(if|with) (\S+)", action):
            value = _value(block[2], dot, root)
            scopes.append((shown and bool(value), value if block[1] == "with" else dot))
        elif action == "end":
            scopes.pop()
        elif shown:
            written.append(_evaluate(action, dot, root))
    if len(scopes) != 1:
        raise ValueError("a block is not ended")
    return "".join(written) + template[at:]
