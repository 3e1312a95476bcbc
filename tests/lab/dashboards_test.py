"""Which answers to the dashboards' queries are faults, without a laboratory: a Prometheus that says what a test wants."""

import sys
import unittest
from unittest import mock

import dashboards
import may_be_empty
from dashboards import Answer, faults
from may_be_empty import Place

sys.path.append(str(dashboards.files.ROOT / "tests/dashboards"))
import sample

A, B = Place("conntrack-node", "Usage", "A"), Place("conntrack-node", "Usage", "B")
DATA, NONE, ERROR = Answer(A, None, True), Answer(A, None, False), Answer(A, "parse error", False)


class Faults(unittest.TestCase):
    def test_data(self):
        self.assertEqual([], faults([DATA], {}, True))

    def test_no_data(self):
        self.assertEqual(["conntrack-node, Usage, A: no data, and may_be_empty.py does not say why"], faults([NONE], {}, True))

    def test_no_data_for_a_reason(self):
        self.assertEqual([], faults([NONE], {A: "no flowtable"}, True))

    def test_a_reason_that_holds_no_longer(self):
        (found,) = faults([DATA], {A: "no flowtable"}, True)
        self.assertIn("has data, and may_be_empty.py says: no flowtable", found)

    def test_a_reason_for_no_query(self):
        with mock.patch.object(may_be_empty, "places", lambda: {A, B}):
            self.assertEqual(["conntrack-node, Usage, B: in may_be_empty.py, and there is no such query"], dashboards.stale([DATA]))

    def test_an_error_has_no_excuse(self):
        for all_happened in (True, False):
            self.assertEqual(["conntrack-node, Usage, A: parse error"], faults([ERROR], {A: "no flowtable"}, all_happened))

    def test_before_all_has_happened_it_only_has_to_be_understood(self):
        self.assertEqual([], faults([DATA, Answer(B, None, False)], {A: "no flowtable"}, False))

    def test_no_dashboards(self):
        self.assertEqual(["there are no dashboards"], faults([], {}, True))


class Reasons(unittest.TestCase):
    def test_they_depend_on_the_kernel(self):
        by_kernel = {A: may_be_empty.Reason("old", before=(6, 17)), B: may_be_empty.Reason("new", since=(5, 10))}
        with mock.patch.object(may_be_empty, "_ALL", by_kernel):
            self.assertEqual({A: "old"}, may_be_empty.reasons("5.9.0", set()))
            self.assertEqual({A: "old", B: "new"}, may_be_empty.reasons("6.1.0-18-amd64", {"bpf"}))
            self.assertEqual({B: "new"}, may_be_empty.reasons("6.17-rc1", {"ctnetlink"}))

    def test_they_depend_on_where_flows_are_read_from(self):
        with mock.patch.object(may_be_empty, "_ALL", {A: may_be_empty.Reason("no BPF", unless_by="bpf")}):
            self.assertEqual({A: "no BPF"}, may_be_empty.reasons("6.1.0", {"ctnetlink"}))
            self.assertEqual({A: "no BPF"}, may_be_empty.reasons("6.1.0", set()))
            self.assertEqual({}, may_be_empty.reasons("6.1.0", {"bpf", "ctnetlink"}))

    def test_what_is_no_release(self):
        with self.assertRaisesRegex(ValueError, "'linux'"):
            may_be_empty.reasons("linux", set())

    def test_each_is_about_a_query_that_there_is(self):
        asked = dashboards.interrogate(Prometheus().ask, 0, 1, False)
        self.assertEqual([], dashboards.stale(asked.answers))


class Prometheus:
    """Has for each query what `found` says of it, else one series of 1."""

    def __init__(self, found=None, at_the_end=None):
        self.asked: list[tuple[str, dict]] = []
        self.labels = [{"cluster": "east", "job": "conntrack", "instance": "10.9.0.1:10318"}]
        self._found, self._at_the_end = found or {}, at_the_end

    def ask(self, path: str, **parameters: str):
        self.asked.append((path, parameters))
        if path == "series":
            return self.labels
        if path == "query" and self._at_the_end is not None:
            return self._at_the_end
        for part, answer in self._found.items():
            if part in parameters.get("query", ""):
                if isinstance(answer, Exception):
                    raise answer
                return answer
        return {"resultType": "matrix", "result": [{"metric": {}, "values": [[1, "1"]]}]}

    def queries(self, path: str) -> list[dict]:
        return [parameters for asked, parameters in self.asked if asked == path]


EMPTY = {"resultType": "vector", "result": []}


class Interrogation(unittest.TestCase):
    def setUp(self):
        self.dashboard = sample.dashboard()
        self.target = self.dashboard["panels"][0]["targets"][0]

    def verdict(self, prometheus: Prometheus, life: float = 720) -> dashboards.Verdict:
        with (
            mock.patch.object(dashboards.files, "shipped", lambda: {"sample.json": self.dashboard}),
            mock.patch.object(may_be_empty, "places", set),
        ):
            return dashboards.interrogate(prometheus.ask, 1000, 1000 + life, True)

    def test_it_asks_everything(self):
        prometheus = Prometheus()
        verdict = self.verdict(prometheus)
        self.assertEqual([], verdict.faults)
        self.assertEqual(4, len(prometheus.queries("series")))  # three variables, and where flows are read from
        self.assertEqual(5, len(prometheus.queries("query_range")))
        told = "dashboards: of 8 queries of 4 panels, annotations and variables 8 are understood, 8 have data, 0 have none\n"
        self.assertEqual(told, verdict.text())

    def test_panels_are_about_the_values_of_the_variables(self):
        prometheus = Prometheus()
        self.verdict(prometheus)
        asked = prometheus.queries("query_range")[1]["query"]  # after the annotation
        self.assertIn(r'{cluster=~"east", job=~"conntrack", instance=~"10\\.9\\.0\\.1:10318"', asked)
        self.assertNotIn("$", "".join(parameters["query"] for parameters in prometheus.queries("query_range")))

    def test_a_variable_without_values_stands_for_what_it_does_in_grafana(self):
        prometheus = Prometheus()
        prometheus.labels = [{"job": "conntrack", "instance": "x"}]
        (found,) = self.verdict(prometheus).faults
        self.assertIn("variable cluster: no data", found)
        self.assertIn('{cluster=~".*", job=~"conntrack"', prometheus.queries("query_range")[1]["query"])

    def test_each_second_where_prometheus_has_room_for_it(self):
        for life, step in ((720, "1"), (25000, "3")):
            prometheus = Prometheus()
            self.verdict(prometheus, life)
            self.assertEqual({step}, {parameters["step"] for parameters in prometheus.queries("query_range")})

    def test_windows(self):
        self.target["expr"] = "rate(a[$__rate_interval]) + max_over_time(b[$__range]) + $__interval_ms"
        prometheus = Prometheus()
        self.verdict(prometheus)
        asked = [parameters["query"] for parameters in prometheus.queries("query_range")]
        self.assertIn("rate(a[4s]) + max_over_time(b[720s]) + 1000", asked)

    def test_what_is_asked_for_one_moment(self):
        self.target["instant"] = True
        prometheus = Prometheus()
        self.verdict(prometheus)
        self.assertEqual(["1720"], [parameters["time"] for parameters in prometheus.queries("query")])
        self.assertEqual(4, len(prometheus.queries("query_range")))

    def test_what_has_ended_before_that_moment_counts_all_the_same(self):
        self.target["instant"] = True
        prometheus = Prometheus(at_the_end=EMPTY)
        self.assertEqual([], self.verdict(prometheus).faults)
        self.assertEqual(5, len(prometheus.queries("query_range")))

    def test_nothing_and_no_numbers_are_no_data(self):
        for result in ([], [{"metric": {}, "values": [[1, "NaN"], [2, "NaN"]]}]):
            verdict = self.verdict(Prometheus({"ALERTS": {"resultType": "matrix", "result": result}}))
            self.assertEqual(["conntrack-sample, annotation Alerts: no data, and may_be_empty.py does not say why"], verdict.faults)
            self.assertIn("7 have data, 1 have none", verdict.text())

    def test_an_error_names_the_query(self):
        verdict = self.verdict(Prometheus({"ALERTS": AssertionError("port 9090 does not answer query_range\nand its log")}))
        self.assertEqual(["conntrack-sample, annotation Alerts: port 9090 does not answer query_range"], verdict.faults)
        self.assertFalse(verdict.good)
        self.assertIn("of 8 queries of 4 panels, annotations and variables 7 are understood, 7 have data", verdict.text())

    def test_variables_that_nobody_here_can_ask(self):
        self.dashboard["templating"]["list"][2]["query"] = "query_result(up)"
        (found,) = self.verdict(Prometheus()).faults
        self.assertIn("conntrack-sample, variable job: 'query_result(up)'", found)


if __name__ == "__main__":
    unittest.main()
