"""podman and runc, with a store of their own that goes with the test."""

from __future__ import annotations

import contextlib
import json
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import time

import processes
from lab import Namespace

# Limits: what a test may set of those differs from machine to machine.
_RUN = ("--ulimit=nofile=1024:1024", "--ulimit=nproc=16384:16384", "--no-healthcheck", "--log-driver=k8s-file")


def required(*tools: str) -> None:
    """Ends the test, as failed, where one is missing."""
    missing = [tool for tool in tools if not shutil.which(tool)]
    if missing:
        sys.exit(f"FAILED: not here: {', '.join(missing)}; scripts/install-dependencies deploy brings them")


class Engine:
    def __init__(self):
        # A socket's path may not be long, so not in the folder of somebody's checkout.
        self._folder = pathlib.Path(tempfile.mkdtemp(prefix="conntrack-image-"))
        store = self._folder / "storage.conf"
        kind = subprocess.run(["stat", "--file-system", "--format=%T", self._folder], capture_output=True, text=True, check=True)
        driver = "vfs" if kind.stdout.strip() == "overlayfs" else "overlay"  # one does not lie on another
        store.write_text(
            f'[storage]\ndriver = "{driver}"\ngraphroot = "{self._folder}/graph"\nrunroot = "{self._folder}/run"\n', encoding="ascii"
        )
        config = self._folder / "containers.conf"
        config.write_text(
            f'[engine]\nruntime = "runc"\ncgroup_manager = "cgroupfs"\nevents_logger = "none"\n'
            f'[network]\nnetwork_config_dir = "{self._folder}/networks"\n',
            encoding="ascii",
        )
        self._env = {**os.environ, "CONTAINERS_STORAGE_CONF": str(store), "CONTAINERS_CONF": str(config)}

    def podman(self, *words: str, check: bool = True) -> subprocess.CompletedProcess:
        command = ["podman", *words]
        done = subprocess.run(command, env=self._env, capture_output=True, text=True, check=False, timeout=600)
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
        if not bundle.is_dir():
            bundle.mkdir()
            # A copy, with its capability, since the engine makes the folders in it that are mounted upon.
            subprocess.run(["cp", "--archive", self.files(image), bundle / "rootfs"], check=True)
        (bundle / "config.json").unlink(missing_ok=True)
        subprocess.run(["runc", "spec"], cwd=bundle, check=True)
        config = json.loads((bundle / "config.json").read_text(encoding="utf-8"))
        config["root"] = {"path": "rootfs", "readonly": True}
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
        return subprocess.run(command, capture_output=True, text=True, check=False, timeout=600)

    @contextlib.contextmanager
    def docker_compose(self, services: dict, folder: pathlib.Path):
        """docker-compose for these services, with paths as in `folder`; yields what runs it with words. They go at the end."""
        socket, file = self._folder / "podman.sock", self._folder / "compose.json"
        file.write_text(json.dumps(services), encoding="utf-8")
        # Names of network namespaces are the engine's own too.
        os.makedirs("/run/netns", exist_ok=True)
        subprocess.run(["mount", "-t", "tmpfs", "none", "/run/netns"], check=True)
        listen = ["podman", "system", "service", "--time=0", f"unix://{socket}"]
        service = processes.start(listen, env=self._env, stderr=subprocess.DEVNULL)
        base = ["docker-compose", "--project-name", "demo", "--project-directory", str(folder), "--file", str(file)]
        env = {**self._env, "DOCKER_HOST": f"unix://{socket}"}

        def run(*words: str, check: bool = True) -> subprocess.CompletedProcess:
            done = subprocess.run([*base, *words], env=env, capture_output=True, text=True, check=False, timeout=600)
            if check and done.returncode != 0:
                raise AssertionError(f"docker-compose {' '.join(words)}: {done.returncode}\n{done.stdout}{done.stderr}")
            return done

        try:
            end = time.monotonic() + 120
            while not socket.exists():
                if time.monotonic() > end:
                    raise AssertionError("podman's service does not listen after 120 s")
                time.sleep(0.1)
            yield run
        finally:
            service.terminate()
            service.wait()

    def close(self) -> None:
        self.podman("rm", "--all", "--force", "--time=0", check=False)
        self.podman("image", "umount", "--all", "--force", check=False)
        # Where a test has failed, containers may have left something; all of it is in the mount namespace of the test.
        for line in reversed(pathlib.Path("/proc/self/mounts").read_text(encoding="utf-8").splitlines()):
            if line.split()[1].startswith(f"{self._folder}/"):
                subprocess.run(["umount", "--lazy", line.split()[1]], check=False)
        shutil.rmtree(self._folder)
