"""What `advise`, `report`, `check` and the log say where the program really stands: on this machine, and in namespaces of its own.

Outside of the namespaces of the other live tests. It only reads: nothing of the host is changed.
"""

import json
import os
import pathlib
import subprocess
import tempfile
import unittest

import binaries
import lab


class Places(unittest.TestCase):
    """What is said first, and which files are offered, where the program really stands."""

    FILES = {"sysctl": "sysctl.conf", "modprobe": "modprobe.conf", "modules-load": "modules-load.conf", "udev": "udev.rules"}
    NOT_THE_HOST = "Entries, flows, losses and timeouts are those of this network namespace"
    # In a user, a network and a mount namespace of its own, as rootless containers and unprivileged LXC have.
    ROOTLESS = ("unshare", "--user", "--map-root-user", "--net", "--mount")

    def setUp(self):
        if os.geteuid() != 0:
            lab.skip("not root, who alone can make each of these places")

    def run_here(self, *command: str, environment: dict[str, str] | None = None) -> subprocess.CompletedProcess:
        # Not checked: the code is what tests look at.
        return subprocess.run(command, check=False, capture_output=True, text=True, env={**os.environ, **(environment or {})}, timeout=300)

    @staticmethod
    def require_host() -> None:
        kernel_thread = pathlib.Path("/proc/2/comm")  # of the first process namespace alone
        if not kernel_thread.exists() or kernel_thread.read_text() != "kthreadd\n":
            lab.skip("this test runs in a container, which has not the processes of the host")
        if not os.path.exists("/proc/sys/net/nf_conntrack_max"):
            lab.skip("this test does not run in the first network namespace, or nf_conntrack is not loaded")

    def assert_files_are_refused(self, *prefix: str) -> None:
        for format, name in self.FILES.items():
            done = self.run_here(*prefix, binaries.exporter(), "advise", f"--format={format}")
            self.assertEqual(2, done.returncode, format)
            self.assertEqual("", done.stdout)
            self.assertRegex(done.stderr, rf"{name} would have no effect here: .*\nremedy: run advise on the host")
        with tempfile.TemporaryDirectory() as folder:
            done = self.run_here(*prefix, binaries.exporter(), "advise", f"--output-dir={folder}/advice", "--notrack=ospf")
            self.assertEqual(0, done.returncode, done.stderr)
            self.assertTrue(done.stdout.startswith(self.NOT_THE_HOST), done.stdout[:200])
            self.assertEqual({"advice.txt", "advice.json", "notrack.nft", "notrack.iptables"}, set(os.listdir(f"{folder}/advice")))
            self.assertNotIn("/etc/sysctl.d/90", done.stdout)

    def test_a_network_namespace(self):
        self.assert_files_are_refused("unshare", "--net")

    def test_a_user_namespace(self):
        if self.run_here(*self.ROOTLESS, "true").returncode != 0:
            lab.skip("user namespaces are not allowed here")
        self.assert_files_are_refused(*self.ROOTLESS)
        said = self.run_here(*self.ROOTLESS, binaries.exporter(), "advise").stdout
        self.assertRegex(said, r"place +its own network namespace.*, in a user namespace\n")

    def test_the_host_is_offered_its_files(self):
        self.require_host()
        said = json.loads(self.run_here(binaries.exporter(), "advise", "--format=json").stdout)
        self.assertTrue(said["machine"]["place"]["host_network"])
        self.assertNotIn("sysctl.conf", [left_out["file"] for left_out in said["left_out"]])
        self.assertEqual(0, self.run_here(binaries.exporter(), "advise", "--format=sysctl").returncode)

    def test_a_pod_of_the_hosts_network_is_kubernetes_and_its_files_are_for_the_node(self):
        self.require_host()
        pod = {"KUBERNETES_SERVICE_HOST": "10.96.0.1"}
        with tempfile.TemporaryDirectory() as root:
            pathlib.Path(root, "etc/kubernetes").mkdir(parents=True)
            pathlib.Path(root, "etc/kubernetes/kubelet.conf").touch()
            host = f"--path.rootfs={root}"
            said = json.loads(self.run_here(binaries.exporter(), "advise", host, "--format=json", environment=pod).stdout)
        self.assertEqual("kubernetes", said["profile"]["name"])
        self.assertEqual("/etc/kubernetes/kubelet.conf", said["machine"]["place"]["kubernetes"]["sign"])
        self.assertTrue(said["machine"]["place"]["kubernetes"]["pod"])

    def test_the_hosts_proc_in_another_network_namespace_is_told_everywhere(self):
        self.require_host()
        with tempfile.TemporaryDirectory() as folder:
            def there(*arguments: str) -> subprocess.CompletedProcess:
                script = 'mount --rbind /proc "$1" && shift && ip link set lo up && exec "$@"'
                done = self.run_here("unshare", "--net", "--mount", "sh", "-c", script, "sh", folder,
                                    binaries.exporter(), *arguments, f"--path.procfs={folder}")
                self.assertEqual(0, done.returncode, done.stderr)
                return done

            checked = there("check").stdout
            self.assertIn(self.NOT_THE_HOST, checked.split("\n\n")[0])
            self.assertIn("The host's /proc is mounted here", checked)
            reported = there("report").stdout
            self.assertIn(f"\n{self.NOT_THE_HOST}", reported)
            self.assertIn("[not_the_host]", reported)
            self.assertNotIn("No problem found.", reported)
            self.assertIn("--network host", reported)
            logged = there("--output.textfile=-").stderr
            self.assertRegex(logged, r"level=warn msg=\"running in a network namespace other than the host's\".*--network host")

    def test_a_report_of_a_namespace_does_not_speak_for_the_host(self):
        said = self.run_here("unshare", "--net", binaries.exporter(), "report").stdout
        self.assertRegex(said, r"Place: its own network namespace.*\n" + self.NOT_THE_HOST)
        self.assertNotIn("No problem found.", said)
