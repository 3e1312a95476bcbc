#!/usr/bin/python3
"""Takes pictures of the dashboards: scripts/render-dashboards, which builds the page first, runs this.

Grafana's own UI components draw them in Chromium without a window, from the dashboards' JSON and a Prometheus that runs.
The exit code is 1 where anything is not drawn as Grafana would: the picture says what, and so does standard error.
"""

import argparse
import contextlib
import json
import pathlib
import subprocess
import sys
import time

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parents[1]
sys.path[:0] = [str(HERE), str(ROOT / "tests/live")]

# pylint: disable=wrong-import-position
import browser
import moment
from picture_server import PictureServer

PAGE = HERE / "renderer/build/page"
COLOURS = 128
MOST_BYTES = 600_000
_PATIENCE = 120  # seconds for a page
_REPAINT = 1  # seconds


class Here:
    """What a browser wants of a namespace, where it is to stay in that of this process."""

    entered = staticmethod(contextlib.nullcontext)


def parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="scripts/render-dashboards", description=__doc__.splitlines()[0])
    parser.add_argument("--prometheus", required=True, metavar="URL", help="where to ask: http://127.0.0.1:9090")
    parser.add_argument("--output", required=True, type=pathlib.Path, metavar="FOLDER", help="for dashboard-NAME.png")
    parser.add_argument("--from", dest="start", metavar="TIME", help="now-15m, or a time; default: as the dashboard says")
    parser.add_argument("--to", dest="end", metavar="TIME", help="likewise")
    parser.add_argument("--var", action="append", default=[], metavar="NAME=VALUE", help="of a variable; may be repeated")
    parser.add_argument("--expand", action="append", default=[], metavar="ROW", help="opens rows whose title begins so; may be repeated")
    parser.add_argument("--dashboard", action="append", type=pathlib.Path, metavar="FILE", help="default: all of dashboards/")
    parser.add_argument("--scrape-interval", default="15s", help="of the data source (default %(default)s)")
    parser.add_argument("--annotation-step", metavar="STEP", help="of annotations, in place of their own: for short alerts")
    parser.add_argument("--width", type=int, default=1600, metavar="PIXELS", help="of the picture (default %(default)s)")
    arguments = parser.parse_args()
    arguments.variables = {}
    for text in arguments.var:
        name, found, value = text.partition("=")
        if not found:
            parser.error(f"--var {text}: write NAME=VALUE")
        arguments.variables.setdefault(name, []).append(value)
    arguments.dashboard = arguments.dashboard or sorted((ROOT / "dashboards").glob("*.json"))
    if not arguments.dashboard:
        parser.error("there is no dashboards/*.json: scripts/generate-dashboards makes them")
    return arguments


def read(paths: list[pathlib.Path], expand: list[str]) -> dict[pathlib.Path, dict]:
    """The dashboards. Each row to be opened has to be in one of them."""
    try:
        dashboards = {path: json.loads(path.read_text(encoding="utf-8")) for path in paths}
    except (OSError, ValueError) as error:
        raise SystemExit(f"render-dashboards: {error}") from None
    for row in expand:
        if not any(rows_of(dashboard, [row]) for dashboard in dashboards.values()):
            raise SystemExit(f"render-dashboards: --expand {row}: no row of {', '.join(map(str, paths))} begins so")
    return dashboards


def rows_of(dashboard: dict, expand: list[str]) -> list[str]:
    titles = [panel.get("title", "") for panel in dashboard["panels"] if panel["type"] == "row"]
    return [title for title in titles if title.startswith(tuple(expand))]


def job_of(dashboard: dict, arguments: argparse.Namespace, now: float) -> dict:
    try:
        start = moment.seconds(arguments.start or dashboard["time"]["from"], now)
        end = moment.seconds(arguments.end or dashboard["time"]["to"], now)
    except ValueError as error:
        raise SystemExit(f"render-dashboards: {error}") from None
    if start >= end:
        raise SystemExit(f"render-dashboards: --from {arguments.start} is not before --to {arguments.end}")
    return {
        "dashboard": dashboard,
        "from": round(start * 1000),
        "to": round(end * 1000),
        "variables": arguments.variables,
        "expand": rows_of(dashboard, arguments.expand),
        "scrapeInterval": arguments.scrape_interval,
        "annotationStep": arguments.annotation_step,
    }


def drawn(window: browser.Browser, address: str) -> list[str]:
    """Opens the page, waits until it is drawn, prints what does not fit, and yields what is not drawn as it should be."""
    window.open(address)
    end = time.monotonic() + _PATIENCE
    while time.monotonic() < end:
        result = window.evaluate("return window.picture")
        if result:
            for text in result["clipped"]:
                print(f"note: {text}")
            return result["complaints"]
        time.sleep(0.2)
    return [f"nothing drawn within {_PATIENCE} s", *window.console()]


def take(window: browser.Browser, address: str, width: int, target: pathlib.Path) -> list[str]:
    """Takes one picture, and yields what is wrong with it."""
    window.width(width)
    complaints = drawn(window, address)
    # Tables below the window's edge are not painted: so there is none.
    height = window.evaluate("return document.getElementById('root').offsetHeight")
    window.width(width, height)
    time.sleep(_REPAINT)
    # Tables measure themselves again at the new size, on a busy machine later.
    end = time.monotonic() + _PATIENCE
    while (blank := window.evaluate("return window.blank()")) and time.monotonic() < end:
        window.evaluate("window.dispatchEvent(new Event('resize'))")
        time.sleep(_REPAINT)
    complaints += [f"{panel}: nothing is drawn" for panel in blank]
    target.write_bytes(window.picture())
    words = ("pngquant", "--force", "--strip", "--nofs", "--speed=1", "--output", str(target), str(COLOURS))
    subprocess.run((*words, str(target)), check=True)
    size = target.stat().st_size
    print(f"{target}: {size} bytes")
    if size > MOST_BYTES:
        complaints.append(f"{target} is larger than {MOST_BYTES} bytes")
    return complaints


def take_all(arguments: argparse.Namespace, dashboards: dict[pathlib.Path, dict]) -> bool:
    """Whether all are drawn as Grafana would."""
    now, good = time.time(), True
    server = PictureServer(PAGE, arguments.prometheus)
    try:
        with browser.Browser(Here()) as window:
            for path, dashboard in dashboards.items():
                server.job = job_of(dashboard, arguments, now)
                target = arguments.output / f"dashboard-{path.stem.removeprefix('conntrack-')}.png"
                for complaint in take(window, server.address, arguments.width, target):
                    print(f"{path.name}: {complaint}", file=sys.stderr)
                    good = False
    finally:
        server.close()
    return good


def main() -> int:
    arguments = parse()
    missing = browser.why_not()
    if missing:
        print(f"render-dashboards: {missing}", file=sys.stderr)
        return 2
    dashboards = read(arguments.dashboard, arguments.expand)
    arguments.output.mkdir(parents=True, exist_ok=True)
    return 0 if take_all(arguments, dashboards) else 1


if __name__ == "__main__":
    sys.exit(main())
