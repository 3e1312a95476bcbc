"""promtool accepts the shipped rules, and they do what the cases in rules/*.yml say."""

import concurrent.futures
import os
import unittest

import rule_pack


class Cases(unittest.TestCase):
    def test_promtool_lints_the_rules(self):
        rule_pack.run("promtool", "check", "rules", "--lint=all", "--lint-fatal", str(rule_pack.SHIPPED))

    def test_the_rules_do_what_the_cases_say(self):
        with concurrent.futures.ThreadPoolExecutor(len(os.sched_getaffinity(0))) as pool:
            results = {file: pool.submit(rule_pack.run_cases, file) for file in rule_pack.unit_tests()}
        for file, result in results.items():
            with self.subTest(file):
                result.result()


if __name__ == "__main__":
    unittest.main()
