"""The harness itself: it catches a wrong expectation, and the situations use only series that the exporter has."""

import pathlib
import tempfile
import unittest

import life
import rule_pack
from host import Host, compact
from shapes import batch, each, hover, levelling_off, lost, pulses, ramp, rate, saw, sine, spans, steps
from situation import Expectation, Situations
from situations import SITUATIONS

ALERT = 'max without (job) (conntrack_entries / conntrack_entries_limit) > '
RULES = [
    {"alert": "ConntrackHigh", "expr": ALERT + "0.5", "for": "2m", "labels": {"severity": "warning"}},
    {"alert": "ConntrackFull", "expr": ALERT + "0.9", "labels": {"severity": "critical"}},
    {"alert": "ConntrackSome", "expr": ALERT + "0.3", "labels": {"severity": "info"}},
]
FULL_INHIBITS = {
    "source_matchers": ['alertname="ConntrackFull"'], "target_matchers": ['alertname="ConntrackHigh"'], "equal": ["instance"]
}  # fmt: skip


def faults(hosts: list[Host], cases: dict[str, list[str]], inhibitions=()) -> dict[str, list[str]]:
    """What is wrong with the expectations of each case, which all have these hosts for an hour."""
    promtool = rule_pack.binaries.tool("promtool") or rule_pack.skip("no promtool")
    situations = Situations()
    for name, expectations in cases.items():
        situations(name, "", "1h", *hosts, *expectations)
    with tempfile.TemporaryDirectory() as folder:
        rules = pathlib.Path(folder, "some.rules.yml")
        rule_pack.dump(rules, {"groups": [{"name": "some", "rules": RULES}]})
        rule_pack.dump(rules.with_name("inhibit_rules.yml"), {"inhibit_rules": list(inhibitions)})
        return {name: found for name, (found, _) in life.live(situations.values(), life.Rules(rules), promtool).items()}


class Expectations(unittest.TestCase):
    def test_wrong_ones_are_caught_and_right_ones_are_not(self):
        cases = {
            "High warning": [],
            "High warning by 22m after 22m until 39m past 39m told 1 instance=gw1": [],
            "High warning told 1-2": [],
            "High warning told any": [],
            "may High warning": [],
            "may High warning by 22m": [],
            "High warning by 21m": ["only at 22m"],
            "High warning after 23m": ["already at 22m"],
            "High warning until 38m": ["still at 39m"],
            "High warning past 40m": ["no more after 39m"],
            "High warning told 2": ["told 1 times"],
            "High warning instance=gw2": ["it does not fire", "not expected"],
            "High critical": ["it does not fire", "not expected"],
            "Full critical": ["it does not fire", "not expected"],
            "may High warning by 21m": ["only at 22m"],
            "may Full critical": ["not expected"],
        }
        found = faults([Host(usage=steps(20, "20m", 60, "40m", 20))], {f"case{n}": [text] for n, text in enumerate(cases)})
        for (text, expected), seen in zip(cases.items(), found.values(), strict=True):
            with self.subTest(text):
                self.assertEqual(len(expected), len(seen), seen)
                for part in expected:
                    self.assertTrue(any(part in fault for fault in seen), seen)

    def test_silence_is_expected_unless_it_is_said(self):
        found = faults([Host(usage=steps(20, "20m", 60))], {"silent": [], "info": ["may High warning", "no Some info"]})
        self.assertRegex(" ".join(found["silent"]), "^not expected: High warning 22m to 1h, 1 times")
        self.assertEqual(["no Some info: it fires"], found["info"])

    def test_each_beginning_and_each_host_is_told(self):
        pulsed = Host(usage=steps(20) + pulses(40, "5m", "10m", "15m"))
        cases = {"all": ["High warning told 5"], "one": ["High warning told 1 instance=gw2"]}
        found = faults([pulsed, Host(name="gw2", usage=steps(60))], cases)
        self.assertEqual([], found["all"])
        self.assertEqual(1, len(found["one"]))

    def test_what_is_inhibited_all_the_time_is_not_told(self):
        host = Host(usage=steps(20, "20m", 95))
        cases = {"not told": ["Full critical"], "told": ["Full critical", "High warning"]}
        self.assertEqual([True, False], [bool(found) for found in faults([host], cases).values()])
        self.assertEqual([False, True], [bool(found) for found in faults([host], cases, [FULL_INHIBITS]).values()])

    def test_what_cannot_be_read_is_refused(self):
        for text in ("High", "High wrong", "High warning when 5m", "High warning by"):
            with self.subTest(text), self.assertRaises((ValueError, IndexError)):
                Expectation(text)

    def test_a_rule_that_cannot_be_evaluated_is_no_silence(self):
        broken = {"alert": "ConntrackBroken", "expr": "up * on (job) group_left () up", "labels": {"severity": "info"}}
        RULES.append(broken)
        try:
            with self.assertRaises(RuntimeError):
                faults([Host(), Host(name="gw2")], {"case": []})
        finally:
            RULES.remove(broken)


class Series(unittest.TestCase):
    def test_those_of_the_situations_are_such_as_the_exporter_has(self):
        known = rule_pack.golden()
        for situation in SITUATIONS.values():
            for host in situation.hosts:
                for text, _ in host.series(0, 60):
                    (series,) = rule_pack.selectors(text)
                    labels = {label for label, _, _ in series.matchers} - {"job", "instance"} - set(host.labels)
                    with self.subTest(situation.name, series=text):
                        self.assertEqual(set(known.get(series.metric, {"no such metric": ""})), labels)

    def test_counters(self):
        host = Host(full=rate(1), counted_before=2**32 - 100, boots=("4m",), missed="3m-5m", exporter_restarts=("6m",), usage=steps(96))
        series = dict(host.series(420, 60))
        cpu0 = next(values for text, values in series.items() if "stat_drop" in text and 'cpu="0"' in text)
        self.assertEqual("4294967196 4294967226 4294967256 stale _x1 30 60 90", cpu0)
        full = next(values for text, values in series.items() if "full_seconds" in text)
        self.assertEqual("0 60 120 stale _x1 60 0 60", full)
        self.assertIn("1x2 0x1 1x2", next(values for text, values in series.items() if text.startswith("up")))

    def test_values_as_promtool_reads_them(self):
        self.assertEqual("7x2 stale _x1 8 _x2", compact(["7", "7", "7", "stale", "stale", "8", "_", "_"]))

    def test_shapes(self):
        at = lambda shape, *times: [round(shape.at(rule_pack.seconds(time)), 3) for time in times]
        self.assertEqual([1, 2, 2, 3], at(steps(1, "1m", 2, "3m", 3), "59s", "1m", "2m", "4m"))
        self.assertEqual([1, 1.5, 2, 2], at(ramp(1, 2, "1m", "3m"), "0s", "2m", "3m", "9m"))
        self.assertEqual([0, 9, 0], at(saw(0, 9, "10m"), "0s", "9m", "10m"))
        self.assertEqual([1, 3, 1], at(sine(1, 3, "10m"), "0s", "5m", "10m"))
        self.assertEqual([1, 1, 2, 3, 1, 3], at(batch(1, 3, "10m", "4m", "1h"), "0s", "10m", "12m", "14m", "15m", "74m"))
        self.assertEqual([1, 1, 2.264], at(levelling_off(1, 3, "5m", "1m"), "0s", "1m", "6m"))
        self.assertEqual([0, 5, 0, 5, 0], at(pulses(5, "1m", "2m", "5m", "10m"), "1m", "2m", "3m", "7m", "12m"))
        self.assertEqual([0, 0, 60, 120], at(rate(2, "1m", "2m"), "0s", "1m", "90s", "5m"))
        self.assertEqual([0, 5, 10], at(lost(10, "1m", "2m"), "1m", "90s", "5m"))
        self.assertEqual([0, 3, 6, 9], at(each(3, "1m", "2m", "4m"), "1m", "2m", "3m", "9m"))
        self.assertTrue(all(79 <= hover(80, 1).at(now) <= 81 for now in range(0, 3600, 15)))
        self.assertEqual([(60, 120), (180, 190)], spans("1m-2m 3m-3m10s"))


if __name__ == "__main__":
    unittest.main()
