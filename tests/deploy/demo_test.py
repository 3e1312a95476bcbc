#!/usr/bin/env python3
"""The demo of deploy/compose as far as no registry is needed: load generator, receiver and exporter, by docker-compose and podman.

Usage: demo_test.py FOLDER    with image.tar and traffic.tar of build_image.sh; as root
"""

import pathlib
import sys
import time
import unittest

import yaml

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests/live"))

import container_engine  # noqa: E402
import lab  # noqa: E402
from exposition import Exposition  # noqa: E402

lab.enter()  # networks, ports and rules of the engine are in a namespace that goes with the test

BUILT = pathlib.Path(sys.argv[1] if __name__ == "__main__" and len(sys.argv) > 1 else "build/image")
FOLDER = ROOT / "deploy/compose"
SERVICES = ("traffic", "notified", "exporter")
PATIENCE = 300  # seconds
TOLD = '{"alerts": [{"status": "firing", "labels": {"alertname": "Conntrack", "severity": "info"}, "annotations": {"summary": "A test."}}]}'


def without_systemd(compose: dict) -> dict:
    """The same services where podman has no timers for health checks, and may not raise limits. Nothing else is changed."""
    made = {"services": {}}
    for name in SERVICES:
        service = {key: value for key, value in compose["services"][name].items() if key != "depends_on"}
        service["healthcheck"] = {"disable": True}
        service["ulimits"] = {"nofile": 1024, "nproc": 16384} | service.get("ulimits", {})
        made["services"][name] = service
    # A flood at once, and one that takes a tenth of the table within seconds instead of a minute.
    made["services"]["traffic"]["command"] = ["/opt/traffic.py", "--quiet=1", "--of-limit=1"]
    return made


class Demo(unittest.TestCase):
    def test_a_flood_is_seen_and_who_is_told_can_be_read(self):
        self.host = lab.FirstNamespace()  # this machine, as far as the engine can see
        engine = container_engine.Engine()
        self.addCleanup(engine.close)
        self.assertEqual("localhost/conntrack-demo-traffic:latest", engine.load(str(BUILT / "traffic.tar")))
        engine.podman("tag", engine.load(str(BUILT / "image.tar")), "localhost/conntrack_exporter:demo")
        compose = yaml.safe_load((FOLDER / "compose.yaml").read_text(encoding="utf-8"))
        with engine.docker_compose(without_systemd(compose), FOLDER) as run:
            for service in SERVICES:
                run("up", "--detach", "--no-build", service)
                check = compose["services"][service]["healthcheck"]["test"][1:]
                self.until(lambda s=service, c=check: run("exec", "-T", s, *c, check=False).returncode == 0, f"{service} is well")
            scrape = self.until_flooded(run)
            self.assertGreater(scrape.total("conntrack_snat_ports_in_use"), 0)
            self.assertIn("conntrack_talkers_source_flows", scrape.names())
            self.assertGreater(scrape.by("conntrack_flows", "protocol").get("udp", 0), 0)
            tell = f"import urllib.request; urllib.request.urlopen('http://localhost:9095/pager', data=b'''{TOLD}''')"
            run("exec", "-T", "notified", "python3", "-c", tell)
            self.assertIn("pager: firing Conntrack (info): A test.", run("logs", "notified").stdout)
            self.assertIn("a SYN flood for 300 s", run("logs", "traffic").stdout)
            for service in reversed(SERVICES):  # podman wants those first that are in the namespace of another
                run("rm", "--force", "--stop", service)
            run("down", "--volumes")

    def until(self, condition, what: str) -> None:
        end = time.monotonic() + PATIENCE
        while not condition():
            self.assertLess(time.monotonic(), end, f"not within {PATIENCE} s: {what}")
            time.sleep(0.5)

    def until_flooded(self, run) -> Exposition:
        """The scrape, over the port that is published to this machine, on which ConntrackSynFlood would begin to wait."""
        scrapes = []

        def flooded() -> bool:
            scrapes[:] = [Exposition(self.host.run("curl", "-sf", "http://127.0.0.1:10318/metrics").stdout)]
            tcp = {key[1]: value for key, value in scrapes[0].by("conntrack_flows", "protocol", "flow_state").items() if key[0] == "tcp"}
            half_open = sum(tcp.get(state, 0) for state in ("SYN_SENT", "SYN_SENT2", "SYN_RECV"))
            return half_open > 0.1 * scrapes[0].value("conntrack_entries_limit") and half_open > 0.5 * sum(tcp.values())

        self.until(flooded, f"a SYN flood in the table; traffic says {run('logs', 'traffic').stdout}")
        return scrapes[0]


if __name__ == "__main__":
    container_engine.required("podman", "runc", "docker-compose", "curl")
    if not lab.inside():
        sys.exit(f"FAILED: {lab.why_impossible()}")
    unittest.main(argv=[sys.argv[0], "--verbose"])
