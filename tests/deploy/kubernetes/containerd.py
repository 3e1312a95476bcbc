"""A containerd of our own, beside any other: its state in one folder, its processes in our PID namespace."""

import os
import pathlib
import subprocess
import time

CONFIG = """
version = 2
root = "{folder}/root"
state = "{folder}/state"
[grpc]
  address = "{folder}/socket"
[plugins."io.containerd.grpc.v1.cri"]
  sandbox_image = "{pause}"
  restrict_oom_score_adj = true
  disable_apparmor = true
  [plugins."io.containerd.grpc.v1.cri".cni]
    bin_dir = "/usr/lib/cni"
    conf_dir = "{folder}/cni"
  [plugins."io.containerd.grpc.v1.cri".containerd]
    snapshotter = "native"
  [plugins."io.containerd.grpc.v1.cri".containerd.runtimes.runc]
    runtime_type = "io.containerd.runc.v2"
    [plugins."io.containerd.grpc.v1.cri".containerd.runtimes.runc.options]
      BinaryName = "{runc}"
"""

NETWORK = """
{"cniVersion": "0.4.0", "name": "pods", "plugins": [
  {"type": "bridge", "bridge": "cni0", "isGateway": true,
   "ipam": {"type": "host-local", "dataDir": "%s/ipam", "ranges": [[{"subnet": "10.88.0.0/24"}]], "routes": [{"dst": "0.0.0.0/0"}]}}
]}
"""


class Containerd:
    def __init__(self, programs: pathlib.Path, folder: pathlib.Path, pause: str, runc: str):
        self.folder, self.programs = folder, programs
        self.socket = str(folder / "socket")
        config = folder / "config.toml"
        config.write_text(CONFIG.format(folder=folder, pause=pause, runc=runc), encoding="utf-8")
        (folder / "cni").mkdir()
        (folder / "cni/pods.conflist").write_text(NETWORK % folder, encoding="utf-8")
        self.log = open(folder / "log", "wb")
        path = {**os.environ, "PATH": f"{programs}:{os.environ['PATH']}"}
        self.process = subprocess.Popen([programs / "containerd", "--config", config], stdout=self.log, stderr=self.log, env=path)

    def wait_until_it_answers(self, patience: float = 180) -> None:
        deadline = time.monotonic() + patience
        while subprocess.run(self.ctr("version"), capture_output=True, check=False).returncode != 0:
            if time.monotonic() > deadline or self.process.poll() is not None:
                raise SystemExit("containerd does not answer:\n" + (self.folder / "log").read_text(errors="replace")[-3000:])
            time.sleep(0.1)

    def ctr(self, *words: str) -> list[str]:
        return [str(self.programs / "ctr"), "--address", self.socket, "--namespace", "k8s.io", *words]

    def load(self, archive: str) -> None:
        subprocess.run(self.ctr("images", "import", "--snapshotter", "native", archive), check=True, capture_output=True)

    def stop(self) -> None:
        self.process.terminate()
        self.process.wait(timeout=60)
        self.log.close()
