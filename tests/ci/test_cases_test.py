"""scripts/test-cases.py, on a log as ctest writes it."""

import importlib.util
import pathlib
import unittest

_SCRIPT = pathlib.Path(__file__).resolve().parents[2] / "scripts/test-cases.py"
_SPEC = importlib.util.spec_from_file_location("test_cases", _SCRIPT)
test_cases = importlib.util.module_from_spec(_SPEC)
_SPEC.loader.exec_module(test_cases)

GTEST = """\
[==========] 7 tests from 2 test suites ran. (12 ms total)
[  PASSED  ] 6 tests.
[  SKIPPED ] 1 test.
"""
GTEST_FAILED = """\
a_test.cc:5: Failure
[  FAILED  ] Suite.Case (0 ms)
[  FAILED  ] Suites/Suite.Case/2, where GetParam() = "x" (0 ms)
[==========] 7 tests from 2 test suites ran. (12 ms total)
[  PASSED  ] 5 tests.
"""
UNITTEST = "test_x (m.C.test_x) ... ok\n\n-----\nRan 3 tests in 0.2s\n\nOK (skipped=1)\n"
UNITTEST_FAILED = """\
FAIL: test_x (m.C.test_x)
ERROR: setUpClass (m.D)
Ran 3 tests in 0.2s

FAILED (failures=1, errors=1, skipped=1)
"""


class Cases(unittest.TestCase):
    def assert_cases(self, passed: int, failed: list[str], skipped: int, output: str, verdict: str) -> None:
        cases = test_cases.cases_of("t", output, verdict)
        self.assertEqual((passed, failed, skipped), (cases.passed, cases.failed, cases.skipped))

    def test_gtest(self):
        self.assert_cases(6, [], 1, GTEST, "Passed")
        self.assert_cases(5, ["t: Suite.Case", "t: Suites/Suite.Case/2"], 0, GTEST_FAILED, "Failed")

    def test_unittest(self):
        self.assert_cases(2, [], 1, UNITTEST, "Passed")
        self.assert_cases(0, ["t: test_x (m.C.test_x)", "t: setUpClass (m.D)"], 1, UNITTEST_FAILED, "Failed")

    def test_a_class_that_is_skipped_as_a_whole(self):
        self.assert_cases(0, [], 1, "Ran 0 tests in 0.0s\n\nOK (skipped=1)\n", "Passed")

    def test_what_has_no_cases(self):
        self.assert_cases(1, [], 0, "fine\n", "Passed")
        self.assert_cases(0, [], 1, "SKIPPED: no promtool\n", "Skipped")
        self.assert_cases(0, ["t: Failed"], 0, "wrong\n", "Failed")

    def test_a_process_that_died(self):
        self.assert_cases(0, ["t: Suite.Case", "t: Failed"], 0, "[  FAILED  ] Suite.Case (0 ms)\n", "Failed")
        self.assert_cases(0, ["t: Failed"], 0, "test_x (m.C.test_x) ... ", "Failed")

    def test_a_sanitizer_that_finds_something_after_the_last_case(self):
        self.assert_cases(6, ["t: Failed"], 1, GTEST, "Failed")


class Log(unittest.TestCase):
    SECTION = "1/2 Testing: {name}\n1/2 Test: {name}\nCommand: \"x\"\n{name} start time: x\nOutput:\n" + 58 * "-" + \
        "\n{output}<end of output>\nTest time =   0.05 sec\n" + 58 * "-" + "\nTest {verdict}.\n\"{name}\" end time: x\n" + 58 * "-" + "\n\n"

    def test_all_of_it_is_added_up(self):
        log = self.SECTION.format(name="a", output=GTEST, verdict="Passed") + \
            self.SECTION.format(name="b.c", output=UNITTEST_FAILED, verdict="Failed")
        self.assertEqual("6 passed, 2 failed, 2 skipped", str(test_cases.count(log)))


if __name__ == "__main__":
    unittest.main()
