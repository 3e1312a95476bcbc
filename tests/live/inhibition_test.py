"""A real Alertmanager, with the shipped rules of inhibition: one alert for one cause."""

import datetime
import http.client
import json
import tempfile
import time

import binaries
import processes
from lab import skip
from live import LiveTest

PATIENCE = 120  # seconds
PORT = 9093
SNAT = {"address": "203.0.113.1", "protocol": "tcp", "remote_address": "198.51.100.1", "remote_port": "443", "ct_zone": "0"}
TABLE = ("ConntrackTableFillingUp", "ConntrackLimitBelowRecommended")
UTILISATION = "ConntrackTableUtilisationHigh"


def alert(name: str, severity: str = "warning", instance: str = "gw1", **labels: str) -> dict[str, str]:
    return {"alertname": name, "severity": severity, "instance": instance, **labels}


class Inhibition(LiveTest):
    """Each test has an Alertmanager of its own."""

    def setUp(self):
        words = binaries.monitoring_daemon("prometheus-alertmanager")
        if not words:
            skip("no prometheus-alertmanager in build/tools/usr/bin: scripts/install-dependencies puts it there")
        folder = self.enterContext(tempfile.TemporaryDirectory())
        config = f"{folder}/alertmanager.yml"
        rules = (binaries.ROOT / "alerts/inhibit_rules.yml").read_text(encoding="utf-8")
        with open(config, "w", encoding="utf-8") as file:
            file.write("route: {receiver: nobody, group_wait: 1s}\nreceivers: [{name: nobody}]\n" + rules)
        words += [f"--config.file={config}", f"--storage.path={folder}/data", "--cluster.listen-address="]
        self.log = self.enterContext(processes.log_file())
        words.append(f"--web.listen-address=127.0.0.1:{PORT}")
        with self.namespace.entered():
            processes.start_for(self, words, stderr=self.log, stdout=self.log)

    def ask(self, method: str, path: str, body=None):
        """The answer of Alertmanager. None where it does not answer yet."""
        connection = http.client.HTTPConnection("127.0.0.1", PORT, timeout=10)
        try:
            with self.namespace.entered():
                connection.connect()
            text = None if body is None else json.dumps(body)
            connection.request(method, "/api/v2/" + path, body=text, headers={"Content-Type": "application/json"})
            response = connection.getresponse()
            answer = response.read()
            if response.status != 200:
                raise AssertionError(f"{method} {path}: {response.status} {answer.decode()}")
            return json.loads(answer) if answer else {}
        except OSError:
            return None
        finally:
            connection.close()

    def poll(self, read, what: str):
        """What `read` yields as soon as it yields something."""
        end = time.monotonic() + PATIENCE
        while time.monotonic() < end:
            found = read()
            if found is not None:
                return found
            time.sleep(0.1)
        self.log.seek(0)
        self.fail(f"{what} after {PATIENCE} s:\n{self.log.read()}")

    def states(self, labels: list[dict[str, str]]) -> list[tuple[dict[str, str], bool]] | None:
        """The alerts that Alertmanager has, and whether each is inhibited. None until it has judged all of them."""
        found = self.ask("GET", "alerts") or []
        if len(found) != len(labels) or any(entry["status"]["state"] == "unprocessed" for entry in found):
            return None
        return [(entry["labels"], bool(entry["status"]["inhibitedBy"])) for entry in found]

    def sent(self, *labels: dict[str, str]) -> list[dict[str, str]]:
        """Posts alerts, and yields those of them of which people are told: those that no other one inhibits."""
        now = datetime.datetime.now(datetime.timezone.utc)
        times = {"startsAt": now.isoformat(), "endsAt": (now + datetime.timedelta(hours=1)).isoformat()}
        # Alertmanager learns of sources one after another. When it knows the witness, posted last, it knows all of them.
        witness = alert("ConntrackHashOverloaded", "info", "witness"), alert("ConntrackChainsTooLong", "critical", "witness")
        for batch in ([*labels, witness[0]], [witness[1]]):
            alerts = [{"labels": one, **times} for one in batch]
            self.poll(lambda alerts=alerts: self.ask("POST", "alerts", alerts), "Alertmanager takes no alerts")

        def known():
            states = self.states([*labels, *witness])
            return states if states and (witness[0], True) in states else None

        states = self.poll(known, "Alertmanager has not judged the alerts")
        return [one for one, inhibited in states if not inhibited and one not in witness]

    def assert_inhibits(self, source: dict[str, str], *targets: dict[str, str]) -> None:
        """`source` silences all targets of its machine, and none of the same names on other machines."""
        others = [{**target, "instance": f"gw{number}"} for number, target in enumerate(targets, 2)]
        self.assertCountEqual([source, *others], self.sent(source, *targets, *others))

    def test_a_full_table_needs_no_other_page(self):
        names = (UTILISATION, "ConntrackTableHardFull", "ConntrackEarlyDrops", "ConntrackKernelLogTableFull", *TABLE)
        self.assert_inhibits(alert("ConntrackTableFull", "critical"), *(alert(name) for name in names))

    def test_causes_stay_beside_a_full_table(self):
        names = ("ConntrackSynFlood", "ConntrackStateLeak", "ConntrackSourceHoldsLargeShare", "ConntrackClashesLost")
        alerts = [alert("ConntrackTableFull", "critical"), *(alert(name) for name in names), alert("ConntrackExpectationTableFull")]
        self.assertCountEqual(alerts, self.sent(*alerts))

    def test_a_table_that_cannot_give_way_says_enough(self):
        self.assert_inhibits(alert("ConntrackTableHardFull"), *(alert(name) for name in (UTILISATION, *TABLE)))

    def test_what_is_no_page_holds_back_no_page(self):
        pairs = (
            ("ConntrackTableHardFull", UTILISATION),
            ("ConntrackTableFull", UTILISATION),
            ("ConntrackExporterDown", UTILISATION),
            ("ConntrackNetnsTableFull", "ConntrackKernelLogTableFull"),
        )
        alerts = [one for name, page in pairs for one in (alert(name, instance=name), alert(page, "critical", instance=name))]
        self.assertCountEqual(alerts, self.sent(*alerts))

    def test_a_high_utilisation_silences_the_forecast(self):
        self.assert_inhibits(alert(UTILISATION, "warning"), *(alert(name) for name in TABLE))

    def test_the_critical_utilisation_silences_the_warning_and_not_itself(self):
        self.assert_inhibits(alert(UTILISATION, "critical"), alert(UTILISATION, "warning"))

    def test_long_chains_silence_the_overloaded_hash(self):
        self.assert_inhibits(alert("ConntrackChainsTooLong", "critical"), alert("ConntrackHashOverloaded", "info"))

    def test_exhausted_ports_silence_the_clashes_that_they_count_as(self):
        self.assert_inhibits(alert("ConntrackSnatPortsRunningOut", "critical", **SNAT), alert("ConntrackClashesLost"))

    def test_few_ports_left_do_not_silence_clashes(self):
        alerts = [alert("ConntrackSnatPortsRunningOut", **SNAT), alert("ConntrackClashesLost")]
        self.assertCountEqual(alerts, self.sent(*alerts))

    def test_the_table_of_a_namespace_is_what_the_kernel_log_means(self):
        self.assert_inhibits(alert("ConntrackNetnsTableFull", "critical", netns="web"), alert("ConntrackKernelLogTableFull", "critical"))

    def test_a_page_silences_the_ticket_of_the_same_namespace_alone(self):
        source, target = (alert("ConntrackNetnsTableFull", severity, netns="web") for severity in ("critical", "warning"))
        other = {**target, "netns": "db"}
        self.assertCountEqual([source, other], self.sent(source, target, other))

    def test_machines_of_another_cluster_are_other_machines(self):
        source, target = alert("ConntrackTableFull", "critical", cluster="a"), alert("ConntrackEarlyDrops", cluster="a")
        other = {**target, "cluster": "b"}
        self.assertCountEqual([source, other], self.sent(source, target, other))

    def test_alerts_of_others_are_left_alone(self):
        alerts = [alert("ConntrackExporterDown"), alert("NodeDown", "critical")]
        self.assertCountEqual(alerts, self.sent(*alerts))
