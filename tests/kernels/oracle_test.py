"""What counts as a contradiction between the exporter and a boot, and that the trees of boot files are what they say."""

import unittest

import oracle
import trees
from exposition import Exposition
from oracle import Said, contradiction

SERIES = """# TYPE conntrack_setting_persisted gauge
conntrack_setting_persisted{setting="nf_conntrack_max"} 5
# TYPE conntrack_setting_drift gauge
conntrack_setting_drift{setting="nf_conntrack_max"} 1
conntrack_setting_drift{setting="nf_conntrack_acct"} 0
# TYPE conntrack_setting_drift_info gauge
conntrack_setting_drift_info{setting="nf_conntrack_max",reason="value_differs",file="/etc/sysctl.d/a.conf:1",managed_by=""} 1
# TYPE conntrack_setting_drift_unknown_info gauge
conntrack_setting_drift_unknown_info{setting="nf_conntrack_buckets",reason="command",file="/etc/udev/rules.d/a.rules:1"} 1
"""


class OracleTest(unittest.TestCase):
    def wrong(self, said: Said, before: int, after: int | None, in_vain: int | None = None) -> None:
        self.assertTrue(contradiction(said, before, after, in_vain), (said, before, after))

    def right(self, said: Said, before: int, after: int | None, in_vain: int | None = None) -> None:
        self.assertEqual("", contradiction(said, before, after, in_vain), (said, before, after))

    def test_what_is_said_is_read_from_the_series(self):
        self.assertEqual({"nf_conntrack_max": Said(1, "value_differs", "/etc/sysctl.d/a.conf:1", 5), "nf_conntrack_acct": Said(0),
                          "nf_conntrack_buckets": Said(unknown="command")}, oracle.said(Exposition(SERIES)))

    def test_no_drift_is_the_same_value(self):
        self.right(Said(0), 5, 5)
        self.right(Said(0, persisted=5), 5, 5)
        self.wrong(Said(0), 5, 6)
        self.wrong(Said(0), 5, None)
        self.wrong(Said(0, persisted=6), 5, 5)

    def test_drift_is_another_value_which_is_the_one_that_persists(self):
        for reason in oracle.OF_THE_VALUE:
            self.right(Said(1, reason), 5, 6)
            self.right(Said(1, reason), 5, None)
            self.right(Said(1, reason, persisted=6), 5, 6)
            self.wrong(Said(1, reason), 5, 5)
            self.wrong(Said(1, reason, persisted=7), 5, 6)

    def test_a_line_in_vain_has_no_effect(self):
        for reason in ("before_module", "not_applied_at_boot", "invalid_value"):
            self.right(Said(1, reason, persisted=5), 5, 6, in_vain=5)
            self.right(Said(1, reason), 6, 6, in_vain=5)  # what runs stays, and the line has no effect
            self.right(Said(1, reason), 5, 6)
            self.wrong(Said(1, reason), 6, 5, in_vain=5)
            self.wrong(Said(1, reason), 5, 5, in_vain=5)

    def test_one_of_known_and_unknown_is_said(self):
        self.right(Said(unknown="command"), 5, 6)
        self.wrong(Said(), 5, 5)
        self.wrong(Said(persisted=5), 5, 5)
        self.wrong(Said(0, unknown="command"), 5, 5)


class TreesTest(unittest.TestCase):
    def test_names_are_unique_and_paths_below_the_root(self):
        names = [tree.name for tree in trees.TREES]
        self.assertEqual(len(set(names)), len(names))
        self.assertFalse([path for tree in trees.TREES for path in tree.files if path.startswith("/")])

    def test_multiples_are_of_the_buckets_of_the_tree(self):
        defaults = {"nf_conntrack_acct": 0, "nf_conntrack_buckets": 10, "nf_conntrack_max": 40}
        start = trees.Tree("", hand={"buckets": 100, "max": "x8"}).start(defaults)
        self.assertEqual([("nf_conntrack_buckets", 100), ("nf_conntrack_acct", 0), ("nf_conntrack_max", 800)], list(start.items()))
        self.assertEqual(20, trees.Tree("", hand={"max": "x2"}).start(defaults)["nf_conntrack_max"])


if __name__ == "__main__":
    unittest.main()
