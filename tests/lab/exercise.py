"""Runs one incident after the other, and watches its alert."""

import sys
import time

import judge
import recorder
import waiting
from incident import NONE, Incident
from laboratory import Laboratory
from results import Result

SPEED = 60  # an hour of the alerts in a minute


class Exercise:
    """Provokes incidents in a laboratory. Reports its progress on standard error."""

    def __init__(self, lab: Laboratory):
        self._lab = lab
        self._real = lab.monitoring.speed == 1
        self._start = time.monotonic()

    def say(self, text: str) -> None:
        print(f"{time.monotonic() - self._start:5.0f} s  {text}", file=sys.stderr, flush=True)

    def await_healthy(self) -> None:
        """Everything runs, the boot files are right, and no alert is even pending."""
        self.say("waiting until the laboratory is healthy")
        self._wait("Prometheus has a scrape of the exporter", self._scraped)
        scrape = self._lab.scrape()
        failed = [name for name, good in scrape.by("conntrack_scrape_collector_success", "collector").items() if not good]
        drift = list(scrape.by("conntrack_setting_drift_info", "setting", "reason", "file"))
        if failed or drift:
            log = self._lab.exporter.running.log()
            raise AssertionError(f"the laboratory is not healthy: collectors {failed} fail, settings {drift} drift\n{log}")
        self.await_quiet()

    def _scraped(self) -> bool:
        return bool(self._lab.monitoring.ask("query", query="conntrack_exporter_build_info")["result"])

    def await_quiet(self) -> None:
        """Returns once the rules have seen all that has happened so far, no alert is pending or firing, and Alertmanager has none."""
        self._await_judgement()
        self._wait("no alert is pending or firing", self._quiet)

    def _quiet(self) -> bool:
        return self._none("pending", "firing") and not self._lab.monitoring.active()

    def _none(self, *states: str) -> bool:
        self._lab.check()
        return not any(alert["state"] in states for alert in self._lab.monitoring.alerts())

    def _await_judgement(self) -> None:
        """Returns once Prometheus has scraped the present state and evaluated every rule on it."""
        self._wait_since("Prometheus scrapes", self._lab.monitoring.scraped_since)
        # Once for the recording rules, and once for the alerts that read them.
        for _ in range(2):
            self._wait_since("Prometheus evaluates all rules", self._lab.monitoring.evaluated_since)

    def provoke(self, incident: Incident) -> Result:
        """Runs one incident until no more alerts come of it. It begins without any alert of the incident before it."""
        result = Result(incident.title, incident.alert_in_words())
        result.not_here = incident.impossible(self._lab)
        if result.not_here:
            self.say(f"{incident.name}: not here: {result.not_here}")
            return result
        mark, held_back = time.monotonic(), set()
        try:
            mark = self._prepare(incident)
            self._run(incident, mark, held_back, result)
        except (AssertionError, OSError) as error:
            result.failure = str(error)
            self.say(f"{incident.name}: FAILED: {error}")
            self._forget()
        notifications = self._lab.monitoring.recorder.since(mark)
        verdict = judge.judge(incident, notifications)
        result.beside, result.false_alarms = verdict.beside, verdict.false_alarms
        result.held_back = sorted(held_back)
        for alarm in result.false_alarms:
            self.say(f"{incident.name}: FALSE ALARM: {alarm}")
        for notification in notifications if result.false_alarms else []:
            self.say(recorder.in_a_line(notification))
        return result

    def _prepare(self, incident: Incident) -> float:
        """Makes sure that no alert is pending or firing. Returns the time from which all notifications are the incident's."""
        if incident.afresh or self._real or not self._quiet():
            self._lab.monitoring.begin_anew()
            self.await_quiet()
        return time.monotonic()

    def _run(self, incident: Incident, mark: float, held_back: set[str], result: Result) -> None:
        self.say(f"{incident.name}: {incident.title}")
        try:
            incident.begin(self._lab)
            self._wait("it is there", lambda: incident.reached(self._lab), incident.begins_within)
            if incident.alert != NONE:
                result.fired = self._await_alert(incident, mark, held_back)
                incident.told(self._lab)
            else:
                self._live_through(incident)
        finally:
            self._lab.end(incident)
        if incident.alert != NONE and not self._real:
            ended = time.monotonic()
            result.resolved = self._await_own(incident, ended, False, incident.resolves_within, held_back) - ended
            self.say(f"{incident.name}: resolved after {result.resolved:.1f} s")
        self._forget()
        if not self._real:
            # The end of an incident (settings are restored, say) may raise an alert too.
            self._await_judgement()
            self._wait("no alert is pending", lambda: self._none("pending"))

    def _forget(self) -> None:
        """Restarts the exporter, so that the next incident does not see its peaks and log lines."""
        self._lab.exporter.restart()

    def _await_alert(self, incident: Incident, mark: float, held_back: set[str]) -> float:
        """Returns the seconds from now until it is sent."""
        harm = time.monotonic()
        self.say(f"{incident.name}: begun; waiting for {incident.alert}")
        patience = incident.real_fires_within if self._real else incident.fires_within
        seconds = self._await_own(incident, mark, True, patience, held_back) - harm
        self.say(f"{incident.name}: {incident.alert} notified after {seconds:.1f} s")
        return seconds

    def _live_through(self, incident: Incident) -> None:
        """Waits while an incident lasts that must not raise an alert."""
        self.say(f"{incident.name}: begun; for {incident.lasts:.0f} s no alert may be sent")
        pending, end = set(), time.monotonic() + incident.lasts
        while time.monotonic() < end:
            self._lab.check()
            pending.update(recorder.in_words(alert["labels"]) for alert in self._lab.monitoring.alerts())
            time.sleep(1)
        self.say(f"{incident.name}: pending for a while: {', '.join(sorted(pending)) or 'none'}")

    def _await_own(self, incident: Incident, mark: float, firing: bool, patience: float, held_back: set[str]) -> float:
        """When its own alert was first sent since `mark`, as firing or as resolved."""
        found: list[float] = []

        def came() -> bool:
            held_back.update(alert["labels"]["alertname"] for alert in self._lab.monitoring.held_back())
            notifications = self._lab.monitoring.recorder.since(mark)
            found.extend(n.at for n in notifications if n.firing == firing and judge.is_own(incident, n))
            return bool(found)

        labels = "".join(f", {name}={value}" for name, value in incident.labels.items())
        state = "fires" if firing else "resolves"
        self._wait(f"{incident.alert}{labels} {state}", came, patience)
        return found[0]

    def _wait(self, what: str, holds, patience: float = waiting.PATIENCE) -> None:
        try:
            waiting.until(what, holds, patience)
        except waiting.Overdue as error:
            raise waiting.Overdue(f"{error}. {self._situation()}") from None

    def _wait_since(self, what: str, happened_since) -> None:
        now = time.time()
        self._wait(what, lambda: happened_since(now))

    def _situation(self) -> str:
        """The present alerts, rates and entries, and the programs of the incident that have ended."""
        alerts = [
            f"{recorder.in_words(alert['labels'])} {alert['state']} {alert['value']}" for alert in self._lab.monitoring.alerts()
        ]
        recorded = self._lab.monitoring.ask("query", query='{__name__=~"instance:.+:rate.+"} > 0')["result"]
        rates = [f"{series['metric']['__name__']} {float(series['value'][1]):.3g}" for series in recorded]
        entries, limit = (self._lab.router.sysctl(name) for name in ("nf_conntrack_count", "nf_conntrack_max"))
        ended = "".join(f"; ended: {command}" for command in self._lab.ended())
        prometheus = f"Prometheus has {', '.join(alerts) or 'no alerts'}; {', '.join(rates) or 'no rate above 0'}"
        return f"{prometheus}; the table has {entries} of {limit} entries{ended}"
