"""scripts/run-if-changed, in a repository of its own."""

import os
import pathlib
import shutil
import subprocess
import tempfile
import unittest

SCRIPT = pathlib.Path(__file__).resolve().parents[2] / "scripts/run-if-changed"


class RunIfChanged(unittest.TestCase):
    def setUp(self):
        self.folder = pathlib.Path(self.enterContext(tempfile.TemporaryDirectory()))
        self.top = self.folder / "clone"
        (self.top / "scripts").mkdir(parents=True)
        shutil.copy(SCRIPT, self.top / "scripts")
        self.write("code", "1")
        self.write("other", "1")
        self.git("init", "--quiet")
        self.commit()

    def git(self, *words: str) -> None:
        subprocess.run(["git", "-c", "user.name=x", "-c", "user.email=x@example.org", *words], cwd=self.top, check=True)

    def write(self, name: str, text: str) -> None:
        (self.top / name).write_text(text, encoding="utf-8")

    def commit(self) -> None:
        self.git("add", "--all")
        self.git("commit", "--quiet", "--message=x")

    def run_it(self, command: str = "echo ran", ci_all: str = "") -> subprocess.CompletedProcess:
        words = [self.top / "scripts/run-if-changed", "slow", "code", "--", "sh", "-c", command]
        env = {**os.environ, "XDG_CACHE_HOME": str(self.folder / "cache"), "CI_ALL": ci_all}
        return subprocess.run(words, env=env, capture_output=True, text=True, check=False)

    def ran(self, **how) -> bool:
        done = self.run_it(**how)
        self.assertEqual(0, done.returncode, done.stderr)
        if done.stdout == "ran\n":
            return True
        self.assertRegex(done.stdout, r"^NOT RUN: slow: .*: \d{4}-\d\d-\d\dT[\d:]+Z, commit [0-9a-f]+, \d+ s\. CI_ALL=1 runs it\n$")
        return False

    def test_it_runs_once(self):
        self.assertTrue(self.ran())
        self.assertFalse(self.ran())

    def test_it_runs_again_after_a_change_of_what_it_depends_on_alone(self):
        self.assertTrue(self.ran())
        self.write("other", "2")
        self.commit()
        self.assertFalse(self.ran())
        self.write("code", "2")
        self.commit()
        self.assertTrue(self.ran())

    def test_an_old_result_counts_for_what_has_come_back(self):
        self.assertTrue(self.ran())
        self.write("code", "2")
        self.commit()
        self.assertTrue(self.ran())
        self.write("code", "1")
        self.commit()
        self.assertFalse(self.ran())

    def test_it_runs_with_changes_that_are_not_committed_and_keeps_no_result_of_them(self):
        self.write("code", "2")
        self.assertTrue(self.ran())
        self.assertTrue(self.ran())
        self.commit()
        self.assertTrue(self.ran())

    def test_it_runs_when_all_is_asked_for(self):
        self.assertTrue(self.ran())
        self.assertTrue(self.ran(ci_all="1"))

    def test_another_command_is_another_check(self):
        self.assertTrue(self.ran())
        self.assertTrue(self.ran(command="echo  ran"))

    def test_a_failure_is_its_own_and_forgets_the_result(self):
        self.assertEqual(3, self.run_it("test -e gone && exit 0; exit 3").returncode)
        fragile = 'test ! -e "$XDG_CACHE_HOME/broken" && echo ran'
        self.assertTrue(self.ran(command=fragile))
        (self.folder / "cache/broken").touch()
        self.assertEqual(1, self.run_it(fragile, ci_all="1").returncode)
        (self.folder / "cache/broken").unlink()
        self.assertTrue(self.ran(command=fragile))

    def test_a_path_that_is_not_there_is_a_mistake(self):
        self.git("mv", "code", "moved")
        self.commit()
        self.assertEqual(2, self.run_it().returncode)


if __name__ == "__main__":
    unittest.main()
