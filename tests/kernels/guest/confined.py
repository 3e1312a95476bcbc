"""That a confined process gets nowhere: what system calls are called differs by architecture, and what Landlock can by kernel."""

import pathlib
import unittest

import host
import privileges_test
from checks import check, expect


@check("confined: what is needed works, and all else is refused")
def nowhere():
    host.load("nf_conntrack_netlink")
    pathlib.Path("/etc/shadow").touch()  # which one of the tests tries to read
    result = unittest.TestResult()
    unittest.defaultTestLoader.loadTestsFromTestCase(privileges_test.NoWayOut).run(result)
    wrong = [f"{test}: {text}" for test, text in result.failures + result.errors]
    expect(not wrong, "\n".join(wrong))
    expect(result.testsRun > len(result.skipped), "no test ran")
    return "; ".join([f"{result.testsRun - len(result.skipped)} tests", *(f"not {test}: {why}" for test, why in result.skipped)])
