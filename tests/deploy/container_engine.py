"""podman and runc, with a store of their own that goes with the test."""

from __future__ import annotations

import json
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile

from lab import Namespace

# Limits: what a test may set of those differs from machine to machine.
_RUN = ("--ulimit=nofile=1024:1024", "--ulimit=nproc=1024:1024", "--no-healthcheck", "--log-driver=k8s-file")


def required(*tools: str) -> None:
    """Ends the test, as failed, where one is missing."""
    missing = [tool for tool in tools if not shutil.which(tool)]
    if missing:
        sys.exit(f"FAILED: not here: {', '.join(missing)}; scripts/install-dependencies check brings them")


class Engine:
    def __init__(self):
        # A socket's path may not be long, so not in the folder of somebody's checkout.
        self._folder = pathlib.Path(tempfile.mkdtemp(prefix="conntrack-image-"))
        store = self._folder / "storage.conf"
        store.write_text(
            f'[storage]\ndriver = "vfs"\ngraphroot = "{self._folder}/graph"\nrunroot = "{self._folder}/run"\n', encoding="ascii"
        )
        self._env = {**os.environ, "CONTAINERS_STORAGE_CONF": str(store)}

    def podman(self, *words: str, check: bool = True) -> subprocess.CompletedProcess:
        command = ["podman", "--runtime=runc", "--cgroup-manager=cgroupfs", "--events-backend=none", *words]
        done = subprocess.run(command, env=self._env, capture_output=True, text=True, check=False, timeout=120)
        if check and done.returncode != 0:
            raise AssertionError(f"podman {' '.join(words)}: exit code {done.returncode}\n{done.stdout}{done.stderr}")
        return done

    def load(self, archive: str) -> str:
        """The name of the image in an archive."""
        return self.podman("load", "--quiet", "--input", archive).stdout.split("Loaded image: ")[1].split()[0]

    def run(self, namespace: Namespace, image: str, *words: str, how: tuple[str, ...] = (), check: bool = True):
        """A container to its end, with `words` after its entry point; `how` are flags of podman."""
        return self.podman("run", "--rm", *_RUN, f"--network=ns:{namespace.path}", *how, image, *words, check=check)

    def start(self, namespace: Namespace, image: str, *words: str, how: tuple[str, ...] = ()) -> str:
        """A container that goes on; its id."""
        return self.podman("run", "--detach", *_RUN, f"--network=ns:{namespace.path}", *how, image, *words).stdout.strip()

    def inspect(self, kind: str, name: str) -> dict:
        return json.loads(self.podman("inspect", "--type", kind, name).stdout)[0]

    def files(self, image: str) -> pathlib.Path:
        """Where its files are, to read."""
        return pathlib.Path(self.podman("image", "mount", image).stdout.strip())

    def runc(self, image: str, namespace: Namespace, words: list[str], uid: int, capabilities: dict, no_new_privs: bool):
        """The image in runc as another engine would configure it; to its end."""
        bundle = self._folder / "bundle"
        bundle.mkdir(exist_ok=True)
        (bundle / "config.json").unlink(missing_ok=True)
        subprocess.run(["runc", "spec"], cwd=bundle, check=True)
        config = json.loads((bundle / "config.json").read_text(encoding="utf-8"))
        config["root"] = {"path": str(self.files(image)), "readonly": True}
        config["process"].update(
            args=words, terminal=False, user={"uid": uid, "gid": uid}, capabilities=capabilities, noNewPrivileges=no_new_privs
        )
        del config["process"]["rlimits"]
        config["linux"].pop("resources", None)
        config["linux"]["cgroupsPath"] = f"/conntrack-image-{os.getpid()}"
        config["linux"]["namespaces"] = [
            {"type": "network", "path": namespace.path} if entry["type"] == "network" else entry
            for entry in config["linux"]["namespaces"]
        ]
        (bundle / "config.json").write_text(json.dumps(config), encoding="utf-8")
        command = ["runc", "--root", str(self._folder / "runc"), "run", "--bundle", str(bundle), "conntrack-image"]
        return subprocess.run(command, capture_output=True, text=True, check=False, timeout=120)

    def close(self) -> None:
        self.podman("rm", "--all", "--force", "--time=0", check=False)
        self.podman("image", "umount", "--all", "--force", check=False)
        shutil.rmtree(self._folder)
