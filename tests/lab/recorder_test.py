"""What Alertmanager sends is kept, in order, by receiver."""

import contextlib
import json
import time
import unittest
import urllib.request

import recorder

CALL = {
    "receiver": "pager",
    "status": "firing",
    "alerts": [
        {"status": "firing", "labels": {"alertname": "ConntrackTableFull", "severity": "critical"}},
        {"status": "resolved", "labels": {"alertname": "ConntrackEarlyDrops"}},
    ],
}


class Here:
    """In place of a lab.Namespace: where we are already."""

    entered = contextlib.nullcontext


class Recorder(unittest.TestCase):
    def test_each_alert_of_a_call_is_a_notification(self):
        full, early = recorder.parse(json.dumps(CALL).encode(), "pager", 7.0)
        self.assertEqual(("ConntrackTableFull", "critical", True), (full.alert, full.severity, full.firing))
        self.assertEqual(("ConntrackEarlyDrops", "", False), (early.alert, early.severity, early.firing))
        self.assertEqual((7.0, "pager"), (full.at, full.receiver))

    def test_it_hears_the_webhook(self):
        heard = recorder.Recorder(Here(), 0)
        self.addCleanup(heard.close)
        before = time.monotonic()
        urllib.request.urlopen(f"{heard.url}/pager", json.dumps(CALL).encode()).close()
        self.assertEqual(["pager", "pager"], [notification.receiver for notification in heard.since(before)])
        self.assertEqual([], heard.since(time.monotonic()))


if __name__ == "__main__":
    unittest.main()
