"""Which machines the fleet dashboard counts as silent, and which alerts it shows beside which machine, computed by promtool."""

import json
import pathlib
import tempfile
import unittest

import dashboard as dashboards
import rule_pack

BUILD = "conntrack_exporter_build_info"


def asked(title: str, letter: str) -> str:
    found = dashboards.targets(dashboards.shipped()["conntrack-fleet.json"])
    (expr,) = [each.expr for each in found if each.where.endswith(f"{title!r}, {letter}")]
    return dashboards.filled_in(expr)


def target(metric: str, job: str, instance: str, cluster: str = "", **more: str) -> str:
    labels = {"cluster": cluster, "job": job, "instance": instance} | more
    return f"{metric}{{{','.join(f'{name}={json.dumps(value)}' for name, value in labels.items() if value)}}}"


class Machines(unittest.TestCase):
    def assert_answer(self, expr: str, given: dict[str, str], answer: dict[str, float]) -> None:
        """Of series and their values each minute, after an hour."""
        samples = [{"labels": labels, "value": value} for labels, value in answer.items()]
        case = {
            "interval": "1m",
            "input_series": [{"series": series, "values": values} for series, values in given.items()],
            "promql_expr_test": [{"expr": expr, "eval_time": "1h", "exp_samples": samples}],
        }
        with tempfile.TemporaryDirectory(prefix="conntrack-dashboards-") as folder:
            tests = pathlib.Path(folder) / "machines.json"
            tests.write_text(json.dumps({"evaluation_interval": "1m", "tests": [case]}), encoding="utf-8")
            rule_pack.run("promtool", "test", "rules", str(tests))

    def assert_silent(self, count: int, given: dict[str, str]) -> None:
        self.assert_answer(asked("Silent hosts", "A"), given, {"{}": count})

    def test_a_target_that_answers_is_not_silent(self):
        self.assert_silent(0, {target("up", "conntrack", "gw1"): "1x90", target(BUILD, "conntrack", "gw1"): "1x90"})

    def test_a_target_that_never_answered_is_silent_by_the_name_of_its_job(self):
        self.assert_silent(1, {target("up", "monitoring/conntrack-exporter", "gw1"): "0x90", target("up", "node", "gw1"): "0x90"})

    def test_a_target_of_any_job_is_silent_that_was_an_exporter(self):
        self.assert_silent(1, {target("up", "gateways", "gw1"): "1x9 0x90", target(BUILD, "gateways", "gw1"): "1x9"})

    def test_a_machine_that_another_job_sees_is_not_silent(self):
        given = {target("up", "conntrack", "gw1"): "0x90", target(BUILD, "gateways", "gw1"): "1x90"}
        self.assert_silent(0, given)

    def test_a_machine_of_the_same_name_in_another_cluster_is_silent(self):
        given = {target("up", "conntrack", "gw1", "east"): "0x90", target(BUILD, "conntrack", "gw1", "west"): "1x90"}
        self.assert_silent(1, given)

    def test_alerts_stand_beside_their_machine(self):
        machines = [("", "a"), ("", "b"), ("east", "a"), ("west", "a")]
        given = {target(BUILD, job, "gw1", cluster): "1x90" for cluster, job in machines}
        for name, cluster in (("TableFull", "east"), ("ChainsTooLong", "east"), ("TableFull", "")):
            labels = {"alertname": f"Conntrack{name}", "alertstate": "firing", "severity": "critical"}
            given[target("ALERTS", "", "gw1", cluster, **labels)] = "1x90"
        found = {("", "a"): 1, ("", "b"): 1, ("east", "a"): 2, ("west", "a"): 0}
        answer = {target("", job, "gw1", cluster): count for (cluster, job), count in found.items()}
        self.assert_answer(asked("Hosts", "critical"), given, answer)
        self.assert_answer(asked("Critical alerts", "A"), given, {"{}": 3})


if __name__ == "__main__":
    unittest.main()
