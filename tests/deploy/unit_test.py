"""The unit as systemd-analyze judges it, alone and with each drop-in; nothing is started."""

import os
import pathlib
import re
import subprocess
import tempfile
import unittest

import yaml

_BUILD = pathlib.Path(os.environ["CONNTRACK_BUILD"])
_SOURCES = pathlib.Path(__file__).resolve().parents[2]
_DROP_INS = _SOURCES / "deploy/systemd/drop-ins"
_UNIT = "conntrack-exporter.service"

# Exposure as systemd 252 computes it, in tenths (what it calls OK is below 50): no more than this.
_MOST = {None: 15, "bpf": 21, "kernel-log": 20, "netns": 23, "no-capability": 13, "socket": 15, "textfile": 13, "workloads": 20}


def _analyze(*arguments: str) -> subprocess.CompletedProcess:
    return subprocess.run(["systemd-analyze", "--no-pager", *arguments], text=True, stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, env={**os.environ, "SYSTEMD_LOG_LEVEL": "warning"})


class Unit(unittest.TestCase):
    def setUp(self):
        self.prefix = pathlib.Path(self.enterContext(tempfile.TemporaryDirectory()))
        # As it is installed: the path of the binary is filled in then.
        subprocess.run(["cmake", f"-DCMAKE_INSTALL_PREFIX={self.prefix}", "-P", str(_BUILD / "packaging/install_units.cmake")],
                       check=True, stdout=subprocess.DEVNULL)
        self.units = self.prefix / "lib/systemd/system"

    def test_the_ansible_role_knows_the_drop_ins(self):
        variables = _SOURCES / "deploy/ansible/roles/conntrack_exporter/vars/main.yml"
        known = yaml.safe_load(variables.read_text(encoding="utf-8"))["conntrack_exporter_known_drop_ins"]
        self.assertEqual(set(_MOST) - {None, "socket", "textfile"}, set(known))

    def drop_in(self, name: str) -> str:
        """With one of them beside it."""
        source = self.prefix / f"share/doc/conntrack-exporter/systemd/{name}.conf"
        folder = self.units / f"{_UNIT}.d"
        folder.mkdir()
        (folder / "test.conf").write_text(source.read_text())
        return (folder / "test.conf").read_text()

    def exposure(self) -> int:
        done = _analyze("security", "--offline=yes", str(self.units / _UNIT))
        found = re.search(r"Overall exposure level for .*: (\d+)\.(\d)", done.stdout)
        self.assertIsNotNone(found, done.stdout)
        return int(found[1]) * 10 + int(found[2])

    def test_it_starts_the_binary_that_was_installed_beside_it(self):
        self.assertIn(f"ExecStart={self.prefix}/bin/conntrack_exporter $ARGS\n", (self.units / _UNIT).read_text())

    def test_systemd_understands_every_line(self):
        binary = self.prefix / "bin/conntrack_exporter"
        binary.parent.mkdir()
        binary.symlink_to(_BUILD / "conntrack_exporter")
        for unit in (_UNIT, "conntrack-exporter.socket"):
            done = _analyze("verify", "--man=no", "--recursive-errors=no", str(self.units / unit))
            self.assertEqual((0, ""), (done.returncode, done.stdout))

    def test_exposure(self):
        self.assertEqual({path.name.split(".")[0] for path in _DROP_INS.iterdir()}, set(_MOST) - {None},
                         "each drop-in has its figure here")
        for name, most in _MOST.items():
            with self.subTest(drop_in=name):
                self.setUp()
                if name:
                    self.drop_in(name)
                self.assertLessEqual(self.exposure(), most)
