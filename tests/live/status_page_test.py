"""The page at /, as Chromium shows it."""

import collections
import contextlib
import html
import json
import pathlib
import re

import binaries
import browser
from exporter_process import FRESH
from lab import skip
from live import LiveTest

SOURCES = 40
FLOWS = 2000
CLASS = '<script>document.title="x"</script>'
FLAGS = (*FRESH, "--collector.talkers", "--collector.nat", f"--collector.talkers.class=10.0.0.0/8={CLASS}")
LEAST_CONTRAST = 4.5

GOLDEN = pathlib.Path(__file__).parents[1] / "golden" / "status" / "6.18-2cpu-cap-net-admin.html"

# A chart: those of the last hour, then those of the last day.
_CHART = "document.querySelectorAll('.plot svg')[%d]"

# The rows of a table by its heading: [[cell, ...], ...]; none where a sentence says why there is no table.
_ROWS = """
const heading = [...document.querySelectorAll("h2")].find(h => h.textContent === "%s");
return [...(heading.closest("table")?.querySelectorAll("tbody tr") ?? [])].map(
  row => [...row.children].map(cell => cell.innerText.trim()));
"""

# Elements with text of their own whose colour is too near to that of what they stand on.
_FAINT = """
const channels = colour => colour.match(/[0-9.]+/g).map(Number);
const luminance = ([r, g, b]) => {
  const [x, y, z] = [r, g, b].map(c => c / 255).map(c => c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4);
  return 0.2126 * x + 0.7152 * y + 0.0722 * z;
};
const behind = element => {
  const bar = element.closest(".on-bar")?.querySelector("rect");
  if (bar) return channels(getComputedStyle(bar).fill);
  for (let e = element; e; e = e.parentElement) {
    const colour = channels(getComputedStyle(e).backgroundColor);
    if (colour.length === 3 || colour[3] > 0) return colour;
  }
  throw "nothing is behind it";
};
const faint = [];
for (const element of document.body.querySelectorAll("*")) {
  if (![...element.childNodes].some(n => n.nodeType === 3 && n.textContent.trim())) continue;
  const [a, b] = [channels(getComputedStyle(element).color), behind(element)].map(luminance);
  const contrast = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
  if (contrast < %s) faint.push([element.textContent, contrast]);
}
return faint;
"""


class InBrowser(LiveTest):
    """Not run where there is no browser."""

    @classmethod
    def setUpClass(cls):
        why_not = browser.why_not()
        if why_not:
            skip(why_not)
        super().setUpClass()


class StatusPage(InBrowser):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.fill(f"--count={FLOWS}", f"--sources={SOURCES}", "--profile=mixed", "--timeout=86400")

    def setUp(self):
        self.exporter = self.start(*FLAGS)
        self.exporter.scrape_sampled()  # so that the page has flows
        self.address = f"http://{self.exporter.host}:{self.exporter.port}/"

    def look(self, path: str = "", **how) -> browser.Browser:
        reader = browser.Browser(self.namespace, **how)
        self.addCleanup(reader.close)
        reader.open(self.address + path)
        return reader

    def rows(self, reader: browser.Browser, title: str) -> dict[str, list[str]]:
        return {name: cells for name, *cells in reader.evaluate(_ROWS % title)}


class Figures(StatusPage):
    def test_every_flow_is_on_the_page_once_by_state_and_by_protocol(self):
        series = self.exporter.scrape().by("conntrack_flows", "family", "protocol", "flow_state")
        states, protocols = collections.Counter(), collections.Counter()
        for (_, protocol, state), flows in series.items():
            states[f"{protocol} {state}"] += flows
            protocols[protocol] += flows
        reader = self.look()
        for title, exact in (("States", states), ("Protocols", protocols)):
            rows = self.rows(reader, title)
            self.assertEqual(FLOWS, sum(int(flows.replace(",", "")) for flows, *_ in rows.values()), title)
            rows.pop("all others", None)
            self.assertGreaterEqual(len(rows), 3)
            for name, (flows, *_) in rows.items():
                self.assertEqual(f"{exact[name]:,.0f}", flows, name)

    def test_the_table_and_its_limit_are_those_of_the_kernel(self):
        limit = self.namespace.sysctl("nf_conntrack_max")
        text = self.look().evaluate("return document.querySelector('.counts').innerText")
        self.assertIn(f"{FLOWS:,} of {limit:,} entries", re.sub(r"\s+", " ", text))

    def test_talkers_and_classes_are_those_of_the_metrics(self):
        scrape = self.exporter.scrape()
        reader = self.look()
        rows = self.rows(reader, "Sources")
        exact = scrape.by("conntrack_talkers_source_flows", "source_address")
        self.assertGreater(len(rows), 5)
        for name, (flows, _) in rows.items():
            self.assertEqual(f"{exact['other' if name == 'all others' else name]:,.0f}", flows)
        self.assertEqual({CLASS, "other"}, set(self.rows(reader, "Classes")))

    def test_every_collector_is_there_with_its_state(self):
        rows = self.rows(self.look(), "Collectors")
        success = self.exporter.scrape().by("conntrack_scrape_collector_success", "collector")
        for name, value in success.items():
            self.assertIn(rows[name][0], ("ok", "partly") if value else ("failed",), name)
        self.assertEqual("off", rows["events"][0])
        self.assertIn("--collector.events", rows["events"][2])

    def test_packets_lost_have_a_figure_for_the_last_seconds(self):
        reader = self.look("?refresh=1")
        for _ in range(60):
            with contextlib.suppress(KeyError, ValueError):  # not read yet; or no figure of the last seconds yet
                since_start, lately, rate = self.rows(reader, "Packets lost")["in all"]
                self.assertEqual(("0", "0", "0.0"), (since_start, lately, rate))
                return
            reader.open(self.address)
        self.fail("there is no such figure after a minute")


class LastDay(StatusPage):
    def history(self) -> dict:
        """The series of /history.json by subject and name."""
        answer = self.exporter.get("/history.json")
        self.assertEqual(200, answer.status)
        return {(s["subject"], s["name"]): s for s in json.loads(answer.text)["series"]}

    def report(self, *flags: str, **how) -> str:
        return self.namespace.run(binaries.exporter(), "report", *flags, **how).stdout

    def test_entries_are_those_of_the_kernel_and_flows_those_of_the_scrape(self):
        history = self.history()
        entries = history["entries", ""]
        self.assertEqual(FLOWS, entries["last_hour"]["peak"])
        self.assertEqual(FLOWS, entries["maxima"][-1])
        self.assertEqual(1.5 * FLOWS, entries["last_day"]["limit_for_150_percent_of_peak"])
        self.assertEqual(self.namespace.sysctl("nf_conntrack_max"), history["limit", ""]["means"][-1])
        series = self.exporter.scrape().by("conntrack_flows", "protocol", "flow_state")
        for (subject, name), one in history.items():
            if subject == "flows" and name != "other":
                self.assertEqual(series[tuple(name.split(" "))], one["maxima"][-1], name)
        self.assertEqual(
            FLOWS, sum(one["last_hour"]["peak"] for (subject, _), one in history.items() if subject == "flows")
        )

    def test_page_and_report_show_the_figures_of_the_history(self):
        reader = self.look()
        for title in ("Figures of the last hour", "Figures of the last day"):
            rows = self.rows(reader, title)
            self.assertEqual([f"{FLOWS:,}"], [rows["entries"][0]], title)
            self.assertGreaterEqual(sum(name.startswith(("tcp", "udp")) for name in rows), 2, rows)
        text = self.report(f"--from={self.address}")
        self.assertRegex(text, rf"entries +{FLOWS:,} +[0-9:]{{5}} +{FLOWS:,}\n")
        self.assertIn(f"Limit for 150 % of the peak: {FLOWS * 3 // 2:,}.", text)
        self.assertEqual(
            self.report("--from=-", stdin=self.exporter.get("/history.json").text).splitlines()[3:],
            text.splitlines()[3:],
        )

    def test_the_history_starts_no_walk(self):
        exporter = self.start(*FRESH)
        entries = {}
        while not any(entries.get("maxima", [])):
            series = {(s["subject"], s["name"]): s for s in json.loads(exporter.get("/history.json").text)["series"]}
            entries = series["entries", ""]
        self.assertEqual([None], [one["last_hour"] for key, one in series.items() if key[0] == "flows"])

    def test_before_the_start_is_grey(self):
        reader = self.look()
        grey, line = reader.painted(_CHART % 0, [(0.1, 0.3), (0.5, 0.3)])
        self.assertEqual(grey, line)
        self.assertEqual(rgb(reader.evaluate("return getComputedStyle(document.querySelector('.gap')).fill")), grey)


def rgb(colour: str) -> tuple[int, ...]:
    return tuple(int(channel) for channel in re.findall("[0-9]+", colour)[:3])


class Charts(InBrowser):
    """Those of the golden page, whose figures are known: three hours, of which ten minutes are not known."""

    def setUp(self):
        self.reader = browser.Browser(self.namespace)
        self.addCleanup(self.reader.close)
        self.reader.width(1200)
        self.reader.open(GOLDEN.as_uri())

    def fill_of(self, style: str) -> tuple[int, ...]:
        return rgb(self.reader.evaluate(f"return getComputedStyle(document.querySelector('svg {style}')).fill"))

    def card(self) -> tuple[int, ...]:
        return rgb(self.reader.evaluate("return getComputedStyle(document.querySelector('section')).backgroundColor"))

    def test_entries_are_painted_where_they_belong_in_light_and_dark(self):
        seen = set()
        for scheme in ("light", "dark"):
            self.reader.colours(scheme)
            # The minute 11:10 has a mean of 33,000 of 100,000, from 23,000 to 43,000; 11:35 is not known.
            known, unknown = 10.5 / 60, 35.5 / 60
            above, upper, lower, below, gap = self.reader.painted(
                _CHART % 0, [(known, 0.45), (known, 0.62), (known, 0.72), (known, 0.85), (unknown, 0.85)]
            )
            self.assertEqual((self.card(), self.card()), (above, below))
            self.assertEqual(upper, lower)
            self.assertEqual(self.fill_of(".gap"), gap)
            self.assertEqual(3, len({above, upper, gap}), scheme)
            column = self.reader.painted(_CHART % 0, [(known, 0.6 + i / 1000) for i in range(150)])
            line = [0.6 + i / 1000 for i, colour in enumerate(column) if colour not in (upper, lower)]
            self.assertTrue(line)
            self.assertAlmostEqual(0.67, sum(line) / len(line), delta=0.015)
            seen |= {above, upper, gap}
        self.assertEqual(6, len(seen))

    def test_the_dashed_limit_is_at_its_value(self):
        column = self.reader.painted(_CHART % 0, [(x / 300, 1 - 0.65536) for x in range(100)])
        self.assertGreater(sum(colour != self.card() for colour in column), 30)
        self.assertGreater(sum(colour == self.card() for colour in column), 10)

    def test_flows_are_stacked_to_their_sum(self):
        # 30,000, 10,000 and 5,000 of 50,000.
        colours = self.reader.painted(_CHART % 1, [(0.1, y) for y in (0.7, 0.3, 0.15, 0.05)])
        self.assertEqual([self.fill_of(".s0"), self.fill_of(".s1"), self.fill_of(".s5"), self.card()], colours)

    def test_of_the_last_day_21_hours_are_grey(self):
        before, after = self.reader.painted(_CHART % 3, [(20.9 / 24, 0.2), (21.1 / 24, 0.2)])
        self.assertEqual([self.fill_of(".gap"), self.card()], [before, after])

    def test_axes_have_the_times_and_a_round_number(self):
        axis = "return [...document.querySelectorAll('.%s')].map(axis => [...axis.children].map(e => e.innerText))"
        times, values = (self.reader.evaluate(axis % name) for name in ("x", "y"))
        self.assertEqual(["11:00", "11:30", "11:59 UTC"], times[0])
        self.assertEqual(["12:00", "00:00", "11:59 UTC"], times[3])
        self.assertEqual([["100,000", "50,000", "0"], ["50,000", "25,000", "0"]], values[:2])

    def test_the_figures_are_those_of_the_minutes(self):
        rows = {name: cells for name, *cells in self.reader.evaluate(_ROWS % "Figures of the last hour")}
        known = [20_000 + 100 * i for i in range(120, 180) if not 150 <= i < 160]
        self.assertEqual(["47,900", "11:59", f"{sum(known) // 50:,}"], rows["entries"])
        self.assertEqual(["30", "11:50", "0.20"], rows["lost: in all /s"])
        text = self.reader.evaluate("return document.querySelector('.windows').innerText")
        self.assertIn("Entries are known for 50 of 60 minutes.", text)
        self.assertIn("Growth an hour: +6,000 entries.", text)
        self.assertIn("Full: in about 4.6 h, at 16:36, if it goes on like this.", text)
        self.assertIn("Limit for 150 % of the peak: 71,850.", text)


class Form(StatusPage):
    def test_without_javascript_it_is_the_same(self):
        texts = []
        for javascript in (True, False):
            reader = self.look(javascript=javascript)
            texts.append({title: self.rows(reader, title) for title in ("States", "Protocols", "Sources")})
        self.assertEqual(texts[0], texts[1])

    def test_the_browser_has_nothing_to_complain_of(self):
        reader = self.look("?refresh=60")
        self.assertEqual([], reader.console())

    def test_a_style_that_the_policy_does_not_know_would_be_complained_of(self):
        reader = self.look()
        reader.evaluate("document.body.setAttribute('style', 'color: red')")
        self.assertRegex(" ".join(reader.console()), "Content Security Policy")

    def test_hostile_text_is_shown_and_not_carried_out(self):
        reader = self.look()
        self.assertIn(CLASS, self.rows(reader, "Classes"))
        self.assertIn("connection tracking", reader.evaluate("return document.title"))
        self.assertEqual(0, reader.evaluate("return document.scripts.length"))
        self.assertIn(html.escape(CLASS, quote=False), reader.source())

    def test_it_fits_a_phone_and_wide_screens(self):
        reader = self.look()
        for width in (320, 360, 768, 1200, 1920):
            reader.width(width)
            reader.open(self.address)
            self.assertEqual(width, reader.evaluate("return document.documentElement.scrollWidth"))
            cut = "return [...document.querySelectorAll('section *')].filter(e => e.getBoundingClientRect().right > %d)"
            self.assertEqual(0, reader.evaluate(cut % width + ".length"), width)

    def test_dark_and_light_differ_and_both_can_be_read(self):
        reader = self.look()
        pictures = []
        for scheme in ("light", "dark"):
            reader.colours(scheme)
            reader.open(self.address)
            self.assertEqual([], reader.evaluate(_FAINT % LEAST_CONTRAST), scheme)
            pictures.append(reader.evaluate("return getComputedStyle(document.body).backgroundColor"))
            self.assertTrue(reader.picture().startswith(b"\x89PNG"))
        self.assertEqual(2, len(set(pictures)), pictures)

    def test_what_is_too_faint_would_be_found(self):
        self.assertGreater(len(self.look().evaluate(_FAINT % 21)), 100)

    def test_it_comes_again_as_often_as_the_reader_wants(self):
        reader = self.look("?refresh=1")
        first = reader.evaluate("return performance.timeOrigin")
        for _ in range(600):
            if reader.evaluate("return performance.timeOrigin") != first:
                return
        self.fail("the page has not come again")


class Http(LiveTest):
    """What needs no browser."""

    def setUp(self):
        self.exporter = self.start()

    def test_head_has_the_headers_and_no_body(self):
        answer = self.exporter.request("HEAD", "/")
        self.assertEqual((200, b""), (answer.status, answer.body))
        self.assertIn("style-src 'sha256-", answer.headers["Content-Security-Policy"])
        self.assertEqual("nosniff", answer.headers["X-Content-Type-Options"])

    def test_a_refresh_that_is_no_number_is_a_bad_request(self):
        self.assertEqual(400, self.exporter.get("/?refresh=soon").status)

    def test_it_gives_its_slot_among_the_scrapes_back(self):
        exporter = self.start("--web.max-requests=1")
        self.assertEqual([200, 200, 200], [exporter.get(path).status for path in ("/", "/", "/metrics")])

    def test_another_path_for_the_metrics_is_linked_to(self):
        exporter = self.start('--web.telemetry-path=/a"><b>')
        self.assertIn("href=\"/a&quot;&gt;&lt;b&gt;\"", exporter.get("/").text)

    def test_an_empty_table_has_no_flows_and_says_so(self):
        text = re.sub("<[^>]*>", " ", self.start(*FRESH).get("/").text)
        self.assertIn("No problem found", text)
        self.assertIn(binaries.exporter().rpartition("/")[2], text)
