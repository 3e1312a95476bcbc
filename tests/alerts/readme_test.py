"""The table of alerts in alerts/README.md is that of the rules."""

import re
import unittest

import rule_pack


def rows() -> list[list[str]]:
    text = (rule_pack.ROOT / "alerts/README.md").read_text(encoding="utf-8")
    return [re.split(r" *\| *", line.strip("| ")) for line in text.splitlines() if line.startswith("| [Conntrack")]


class Readme(unittest.TestCase):
    def test_it_has_each_alert_in_the_order_of_the_rules(self):
        expected = [
            (rule["alert"], rule["labels"]["severity"], rule.get("for", "at once"), rule.get("keep_firing_for", ""))
            for rule in rule_pack.alerts()
        ]
        found = [(re.sub(r"\[(.*)\].*", r"\1", row[0]), row[1], row[3], row[4] if len(row) > 4 else "") for row in rows()]
        self.assertEqual(expected, found)

    def test_each_alert_leads_to_its_runbook(self):
        for row in rows():
            self.assertRegex(row[0], r"^\[(\w+)\]\(runbooks/\1\.md\)$")

    def test_it_names_every_threshold(self):
        for rule, row in zip(rule_pack.alerts(), rows(), strict=True):
            for number in re.findall(r"[<>] ([\d.]+)", rule["expr"]):
                if float(number) > 0:
                    words = f"{float(number) * 100:g} %" if float(number) < 1 else number
                    with self.subTest(rule_pack.identity(rule), threshold=number):
                        self.assertTrue(re.search(rf"\b({re.escape(words)}|{re.escape(number)})(?![\d.])", row[2]), row[2])


if __name__ == "__main__":
    unittest.main()
