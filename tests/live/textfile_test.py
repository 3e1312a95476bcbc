"""--output.textfile: what node_exporter makes of the file, and what happens where it cannot be written."""

import contextlib
import http.client
import pathlib
import re
import shutil
import signal
import subprocess
import tempfile
import time

import binaries
import processes
from exporter_process import FRESH
from exposition import Exposition
from lab import Namespace, skip
from live import LiveTest

PATIENCE = 120  # seconds
NODE_PORT = 9100


class Textfile(LiveTest):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.fill("--profile", "mixed", "--count", "1000")

    def setUp(self):
        self.folder = pathlib.Path(self.enterContext(tempfile.TemporaryDirectory()))
        self.path = self.folder / "conntrack.prom"

    def write(self, *flags: str) -> subprocess.CompletedProcess:
        return self.namespace.run(binaries.exporter(), f"--output.textfile={self.path}", *flags, check=False)

    def popen(self, *flags: str) -> subprocess.Popen:
        words = [binaries.exporter(), f"--output.textfile={self.path}", *flags]
        self.log = self.enterContext(tempfile.NamedTemporaryFile("r"))
        with self.namespace.entered(), open(self.log.name, "w", encoding="utf-8") as log:
            return processes.start_for(self, words, stderr=log)

    def mount_tmpfs(self, options: str) -> None:
        """A file system of its own in place of the folder."""
        self.namespace.run("mount", "-t", "tmpfs", "-o", options, "none", str(self.folder))
        self.addCleanup(self.namespace.run, "umount", str(self.folder))

    def fill_up(self) -> None:
        """Leaves no room on the file system of the folder."""
        with open(self.folder / "filler", "wb", buffering=0) as filler:
            with contextlib.suppress(OSError):
                while True:
                    filler.write(b"x" * 4096)

    def names(self) -> list[str]:
        return sorted(path.name for path in self.folder.iterdir())

    def eventually(self, what):
        """The first value of `what()` that is true, within a generous time."""
        end = time.monotonic() + PATIENCE
        while time.monotonic() < end:
            if value := what():
                return value
            time.sleep(0.05)
        raise AssertionError(f"nothing after {PATIENCE} s")

    def assert_refused(self, done: subprocess.CompletedProcess, reason: str) -> None:
        self.assertEqual(1, done.returncode, done.stderr)
        for part in (str(self.path), reason, "remedy="):
            self.assertIn(part, done.stderr)

    def test_one_write_and_the_end(self):
        done = self.write(*FRESH)
        self.assertEqual((0, ""), (done.returncode, done.stdout), done.stderr)
        scrape = Exposition(self.path.read_text())
        self.assertEqual(1000, scrape.value("conntrack_entries"))
        self.assertEqual(1000, scrape.total("conntrack_flows"))
        self.assertFalse([name for name in scrape.names() if name.startswith("process_")])
        self.assertEqual(["conntrack.prom"], self.names())
        self.assertEqual(0o100644, self.path.stat().st_mode)

    def test_minus_is_standard_output(self):
        done = self.namespace.run(binaries.exporter(), "--output.textfile=-", "--collector.disable-defaults",
                                  "--collector.table", "--log.level=error")
        self.assertEqual("", done.stderr)
        self.assertEqual(1000, Exposition(done.stdout).value("conntrack_entries"))

    def test_nothing_listens(self):
        process = self.popen("--output.textfile.interval=1")
        self.eventually(self.path.exists)
        self.assertEqual("", self.namespace.run("ss", "-Hltn").stdout)
        process.terminate()
        self.assertEqual(0, process.wait(PATIENCE))

    def test_it_goes_on_until_it_is_told_to_stop(self):
        for with_signal in (signal.SIGTERM, signal.SIGINT):
            with self.subTest(with_signal):
                process = self.popen("--output.textfile.interval=1")
                first = self.eventually(lambda: self.path.exists() and self.path.stat().st_ino)
                self.eventually(lambda: self.path.stat().st_ino != first)
                process.send_signal(with_signal)
                self.assertEqual(0, process.wait(PATIENCE))
                self.assertEqual(["conntrack.prom"], self.names())
                self.path.unlink()

    def test_a_reader_never_sees_a_part(self):
        self.assertEqual(0, self.write().returncode)
        seen = set()
        for _ in range(5):
            process = self.popen("--log.level=error")
            while process.poll() is None:
                text = self.path.read_text()
                self.assertTrue(text.endswith("\n"))
                self.assertIn("conntrack_exporter_build_info{", text)  # of the last family
                seen.add(self.path.stat().st_ino)
            self.assertEqual(0, process.returncode)
        self.assertGreater(len(seen), 1)

    def test_a_full_disk_leaves_the_old_file_and_nothing_else(self):
        self.mount_tmpfs("size=256k")
        self.assertEqual(0, self.write().returncode)
        before = self.path.read_text()
        self.fill_up()
        self.assert_refused(self.write(), "No space left on device")
        self.assertEqual(["conntrack.prom", "filler"], self.names())
        self.assertEqual(before, self.path.read_text())

    def test_a_disk_that_is_full_for_a_while_is_no_end(self):
        self.mount_tmpfs("size=256k")
        process = self.popen("--output.textfile.interval=1")
        self.eventually(self.path.exists)
        self.fill_up()
        stale = self.path.stat().st_ino
        self.eventually(lambda: "No space left" in pathlib.Path(self.log.name).read_text())
        self.assertEqual(stale, self.path.stat().st_ino)
        (self.folder / "filler").unlink()
        self.eventually(lambda: self.path.stat().st_ino != stale)
        process.terminate()
        self.assertEqual(0, process.wait(PATIENCE))
        self.assertEqual(["conntrack.prom"], self.names())

    def test_a_folder_that_is_made_anew_is_written_to_after_a_restart(self):
        process = self.popen("--output.textfile.interval=1")
        self.eventually(self.path.exists)
        aside = self.folder.with_name(self.folder.name + "-aside")
        self.folder.rename(aside)
        self.addCleanup(shutil.rmtree, aside)
        self.folder.mkdir()
        log = pathlib.Path(self.log.name)
        # Where the kernel has no Landlock, it goes on by itself.
        self.eventually(lambda: self.path.exists() or "restart it" in log.read_text())
        process.terminate()
        self.assertEqual(0, process.wait(PATIENCE))
        self.assertEqual(0, self.write().returncode)
        self.assertTrue(self.path.exists())

    def test_a_folder_that_is_read_only_is_named(self):
        self.mount_tmpfs("ro")
        self.assert_refused(self.write(), "Read-only file system")

    def test_a_folder_that_is_not_there_is_named(self):
        self.path = self.folder / "none" / "conntrack.prom"
        self.assert_refused(self.write(), "No such file or directory")

    def test_what_node_exporter_would_not_read_is_a_wrong_command_line(self):
        self.path = self.folder / "conntrack.txt"
        done = self.write()
        self.assertEqual(2, done.returncode)
        self.assertIn(".prom", done.stderr)
        self.assertEqual([], self.names())

    def node_metrics(self) -> Exposition | None:
        """What node_exporter serves. None where it does not yet."""
        connection = http.client.HTTPConnection("127.0.0.1", NODE_PORT, timeout=10)
        try:
            with self.namespace.entered():
                connection.connect()
            connection.request("GET", "/metrics", headers={"Accept": "text/plain;version=0.0.4"})
            answer = connection.getresponse()
            body = answer.read().decode()
        except OSError:
            return None
        finally:
            connection.close()
        self.assertEqual(200, answer.status, body)
        # Its own runtime has summaries, which our reader does not read.
        return Exposition("".join(line for line in body.splitlines(True) if not re.match("(# .... )?go_", line)))

    def publish(self) -> tuple[Exposition, str]:
        """What node_exporter makes of the files of the folder, and its log."""
        program = binaries.tool("prometheus-node-exporter")
        if not program:
            skip("prometheus-node-exporter is neither in build/tools/usr/bin nor in PATH: "
                 "scripts/install-dependencies puts it there")
        words = [program, "--collector.disable-defaults", "--collector.textfile",
                 f"--collector.textfile.directory={self.folder}", f"--web.listen-address=127.0.0.1:{NODE_PORT}"]
        log = self.enterContext(processes.log_file())
        with self.namespace.entered():
            processes.start_for(self, words, stderr=log)
        theirs = self.eventually(self.node_metrics)
        log.seek(0)
        return theirs, log.read()

    def test_node_exporter_publishes_it(self):
        self.assertEqual(0, self.write(*FRESH).returncode)
        (theirs, log), ours = self.publish(), Exposition(self.path.read_text())
        self.assertEqual(0, theirs.value("node_textfile_scrape_error"))
        self.assertEqual(1, theirs.value("node_scrape_collector_success", collector="textfile"))
        self.assertEqual(set(), ours.names() - theirs.names())
        for name in ("conntrack_flows", "conntrack_entries", "conntrack_stat_drop_total"):
            self.assertEqual(ours.total(name), theirs.total(name), name)
            self.assertEqual(ours.types[name], theirs.types[name], name)
        self.assertIn("process_cpu_seconds_total", theirs.names())  # its own
        self.assertNotIn("level=error", log)

    def test_node_exporter_publishes_files_of_two_namespaces_that_a_label_tells_apart(self):
        other = Namespace()
        self.addCleanup(other.close)
        for namespace, name in ((self.namespace, "red"), (other, "blue")):
            namespace.run(binaries.exporter(), f"--output.textfile={self.folder}/{name}.prom", f"--output.textfile.label=netns={name}",
                          "--output.textfile.label=site=north", *FRESH)
        theirs, log = self.publish()
        self.assertNotIn("level=error", log)
        self.assertEqual(0, theirs.value("node_textfile_scrape_error"))
        for name, entries in (("red", 1000), ("blue", 0)):
            self.assertEqual(entries, theirs.value("conntrack_entries", netns=name, site="north"))
            self.assertEqual(entries, theirs.by("conntrack_flows", "netns")[name])
            self.assertEqual(1, theirs.by("conntrack_exporter_build_info", "netns")[name])

    def test_a_label_that_is_there_already_is_a_wrong_command_line(self):
        for labels, why in ((("protocol=x",), "has a label of that name already"), (("a=1", "a=2"), "a is given twice")):
            done = self.write(*(f"--output.textfile.label={label}" for label in labels))
            self.assertEqual(2, done.returncode, done.stderr)
            self.assertIn(why, done.stderr)
        self.assertEqual([], self.names())
