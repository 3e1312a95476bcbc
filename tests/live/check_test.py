"""`conntrack_exporter check`: what can be read here, and what cannot, with the remedy."""

import binaries
from lab import without_net_admin
from live import LiveTest

COLLECTORS = ("table", "stat", "flows", "timeouts", "settings", "memory", "sizing")


class Check(LiveTest):
    def test_every_collector_can_be_read_with_the_capability(self):
        done = self.namespace.run(binaries.exporter(), "check")
        for name in COLLECTORS:
            self.assertRegex(done.stdout, rf"(?m)^ok +{name}\b")

    def test_it_names_the_capability_that_is_missing(self):
        done = self.namespace.run(*without_net_admin(binaries.exporter()), "check", check=False)
        self.assertEqual(1, done.returncode)
        self.assertRegex(done.stdout, r"(?m)^denied +flows .*CAP_NET_ADMIN")
        self.assertRegex(done.stdout, r"(?m)^ok +table ")
