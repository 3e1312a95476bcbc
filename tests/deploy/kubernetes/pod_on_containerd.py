#!/usr/bin/python3
"""Runs the Pod of the DaemonSet on a real containerd, with the requests that kubelet would send, and looks at what it got.

Usage, as root: pod_on_containerd.py --image ARCHIVE --image-name NAME --pause ARCHIVE --pause-name NAME --programs FOLDER
                                     [--runc PROGRAM] [--tls MANIFEST] [--netns MANIFEST] [--workloads MANIFEST] [--bpf MANIFEST] MANIFEST
  --image, --pause: archives as `buildah push ... oci-archive:FILE:NAME` writes them    --programs: containerd, ctr and shims
  --runc: another OCI runtime, such as crun    --tls, --netns, --workloads, --bpf: what kustomize makes of the base with these components
The "host" is a network, mount and PID namespace of its own, with flows of its own.
"""

import argparse
import contextlib
import os
import pathlib
import re
import shutil
import socket
import ssl
import subprocess
import sys
import tempfile
import time
import urllib.request

import yaml

import cri
import containerd

NET_ADMIN = 1 << 12
FLOWS = 300
ASKED = 7  # flows to a pod
POD = "2f7d0c4e-9f0b-4f8e-a1d6-0c5b7e9a1b2c"


def told(right: bool, what: str) -> bool:
    print(("  ok      " if right else "  FAILED  ") + what, flush=True)
    return right


def status(process: int) -> dict[str, str]:
    lines = pathlib.Path(f"/proc/{process}/status").read_text(encoding="ascii").splitlines()
    return dict((key, value.strip()) for key, _, value in (line.partition(":") for line in lines))


def metrics(url: str = "http://127.0.0.1:10318/metrics", patience: float = 120) -> dict[str, float]:
    deadline = time.monotonic() + patience
    unchecked = ssl._create_unverified_context()
    while True:
        try:
            with urllib.request.urlopen(url, timeout=patience, context=unchecked) as answer:
                lines = answer.read().decode().splitlines()
            return {name: float(value) for name, _, value in (line.rpartition(" ") for line in lines if line[0] != "#")}
        except OSError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.05)


def pod_template(manifest: str, folder: pathlib.Path | None = None) -> dict:
    """With its ConfigMaps, and Secrets with a certificate, in the folder."""
    with open(manifest, encoding="utf-8") as file:
        documents = [document for document in yaml.safe_load_all(file) if document]
    (daemonset,) = [document for document in documents if document["kind"] == "DaemonSet"]
    maps = {document["metadata"]["name"]: document["data"] for document in documents if document["kind"] == "ConfigMap"}
    for volume in daemonset["spec"]["template"]["spec"]["volumes"]:
        if "hostPath" in volume:
            continue
        place = folder / volume["name"]
        place.mkdir(parents=True)
        if config := volume.pop("configMap", None):
            for name, text in maps[config["name"]].items():
                (place / name).write_text(text, encoding="utf-8")
        else:
            give_certificate(place, volume.pop("secret")["defaultMode"])
        volume["hostPath"] = {"path": str(place)}
    return daemonset["spec"]["template"]


def give_certificate(place: pathlib.Path, mode: int) -> None:
    """As kubelet writes a Secret: of root, and of the group that fsGroup names."""
    subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "1",
                    "-subj", "/CN=conntrack-exporter", "-keyout", place / "tls.key", "-out", place / "tls.crt"],
                   check=True, capture_output=True)
    for file in place.iterdir():
        os.chown(file, 0, 65532)
        file.chmod(mode)


def fill_the_table() -> None:
    """Flows that last, of a table of our own: the namespace's."""
    subprocess.run(["ip", "link", "set", "lo", "up"], check=True)
    subprocess.run(["iptables", "-A", "OUTPUT", "-m", "conntrack", "--ctstate", "NEW"], check=True)
    flows = "".join(f"-I -p tcp -s 10.1.{i // 250}.{i % 250 + 1} -d 10.2.0.1 --sport 1000 --dport 443 --state ESTABLISHED -t 3600\n"
                    for i in range(FLOWS))
    subprocess.run(["conntrack", "--load-file", "-"], input=flows, text=True, check=True, capture_output=True)


class Checked:
    """The running pod, and what is asked of it."""

    def __init__(self, runtime: cri.Runtime, pod: dict, image: str, cgroup: str, logs: pathlib.Path, name: str):
        self.runtime, self.pod, self.logs = runtime, pod, logs
        self.sandbox, self.container = runtime.run(pod, image, name, cgroup, str(logs))
        self.process = runtime.process(self.container)

    def log(self) -> str:
        return (self.logs / "log").read_text(encoding="utf-8", errors="replace")

    def holds(self) -> bool:
        """What the DaemonSet promises, of process and metrics."""
        seen = metrics()
        is_ = status(self.process)
        listed = int(subprocess.run(["conntrack", "-C"], capture_output=True, text=True, check=True).stdout)
        flows = sum(value for name, value in seen.items() if name.startswith("conntrack_flows{"))
        root = pathlib.Path(f"/proc/{self.process}/root")
        writable = subprocess.run(["nsenter", f"--target={self.process}", "--mount", "--root", "/usr/bin/conntrack_exporter",
                                   "--output.textfile=/usr/bin/x.prom"], capture_output=True, text=True, check=False)
        health = self.runtime.execute(self.container, "/usr/bin/conntrack_exporter", "healthcheck")
        check = self.runtime.execute(self.container, "/usr/bin/conntrack_exporter", "check").stdout.decode()
        return all([
            told(is_["Uid"].split()[0] == "65532" and is_["Gid"].split()[0] == "65532", f"uid, gid: {is_['Uid']}, {is_['Gid']}"),
            told(int(is_["CapEff"], 16) == NET_ADMIN == int(is_["CapPrm"], 16), f"effective and permitted: {is_['CapEff']} {is_['CapPrm']}"),
            told(int(is_["CapBnd"], 16) & ~NET_ADMIN == 0, f"bounding set: {is_['CapBnd']}"),
            told(is_["NoNewPrivs"] == "1", "no_new_privs"),
            told(is_["Seccomp"] == "2", f"system calls filtered, by {is_.get('Seccomp_filters', '?')} filters"),
            told("Read-only file system" in writable.stderr and not (root / "usr/bin/x.prom").exists(), "the root file system is read-only"),
            told(seen.get('conntrack_scrape_collector_success{collector="flows"}') == 1, "flows can be read"),
            told(FLOWS <= flows == listed, f"{flows:.0f} flows; conntrack -C counts {listed}"),
            told(seen.get('conntrack_scrape_collector_success{collector="persistence"}') == 1, "boot files of the host can be read"),
            told(health.exit_code == 0, f"healthcheck in the container: {health.exit_code} {health.stderr.decode().strip()}"),
            told(re.search(r"(?m)^ok +flows ", check) is not None, "check in the container: flows can be read"),
        ])

    def stop(self) -> bool:
        grace = self.pod["spec"]["terminationGracePeriodSeconds"]
        began = time.monotonic()
        self.runtime.stop(self.sandbox, self.container, grace)
        # Else it would have been killed.
        return told(time.monotonic() - began < grace, f"stopped in {time.monotonic() - began:.2f} s")


def without(pod: dict, change) -> dict:
    other = yaml.safe_load(yaml.safe_dump(pod))
    change(other["spec"]["containers"][0]["securityContext"], other["spec"])
    return other


def escalation_allowed(container: dict, _spec: dict) -> None:
    container["allowPrivilegeEscalation"] = True


def nothing_added(container: dict, _spec: dict) -> None:
    del container["capabilities"]["add"]


def system_calls_free(_container: dict, spec: dict) -> None:
    spec["securityContext"]["seccompProfile"] = {"type": "Unconfined"}


def walks_with_bpf(started: Checked) -> bool:
    """The component bpf: the source, and that what loading took is gone."""
    seen, is_ = metrics(), status(started.process)
    check = started.runtime.execute(started.container, "/usr/bin/conntrack_exporter", "check").stdout.decode()
    listed = int(subprocess.run(["conntrack", "-C"], capture_output=True, text=True, check=True).stdout)
    flows = sum(value for name, value in seen.items() if name.startswith("conntrack_flows{"))
    return all([
        told(seen.get('conntrack_flows_source_info{via="bpf",why_not_bpf=""}') == 1, "flows are read with BPF"),
        told(FLOWS <= flows == listed, f"{flows:.0f} flows; conntrack -C counts {listed}"),
        told(seen.get("conntrack_hash_chain_length_count", 0) > 0, "and the chains of the hash table"),
        told(int(is_["CapEff"], 16) == NET_ADMIN == int(is_["CapPrm"], 16), f"effective and permitted: {is_['CapEff']} {is_['CapPrm']}"),
        told(is_["Uid"].split()[0] == "65532" and is_["NoNewPrivs"] == "1", "no root, no_new_privs"),
        told("families from bpf" in check, "check in the container: from bpf"),
    ])


def run_pod(runtime: cri.Runtime, image: str, cgroup: str, logs: pathlib.Path) -> tuple[str, str]:
    """A pod with a network of its own that is sent datagrams from the node, each of them a flow."""
    logs.mkdir()
    pod = {"metadata": {"labels": {}}, "spec": {"containers": [{"name": "pause"}]}}
    sandbox, container = runtime.run(pod, image, "asked", cgroup, str(logs))
    shown = subprocess.run(["nsenter", f"--target={runtime.process(container)}", "--net", "ip", "-4", "-oneline", "address", "show",
                            "dev", "eth0"], check=True, capture_output=True, text=True).stdout
    address = re.search(r"inet ([0-9.]+)", shown)[1]
    for _ in range(ASKED):
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
            sender.sendto(b"?", (address, 9))
    return sandbox, container


def inside(arguments: argparse.Namespace, folder: pathlib.Path, cleanup: contextlib.ExitStack) -> bool:
    subprocess.run(["mount", "--make-rshared", "/"], check=True)  # as systemd has it; ours alone
    fill_the_table()
    runc = shutil.which(arguments.runc, path="/usr/sbin:/usr/bin:/sbin")
    if not runc:
        raise SystemExit(f"no {arguments.runc}: apt-get install runc")
    server = containerd.Containerd(pathlib.Path(arguments.programs).resolve(), folder, arguments.pause_name, runc)
    cleanup.callback(server.stop)
    server.wait_until_it_answers()
    for archive in (arguments.image, arguments.pause):
        server.load(archive)
    runtime = cri.Runtime(server.socket, cri.messages(folder))
    pod = pod_template(arguments.manifest)
    cgroup = f"/{folder.name}"

    def run(name: str, template: dict) -> Checked:
        logs = folder / name
        logs.mkdir()
        return Checked(runtime, template, arguments.image_name, cgroup, logs, name)

    print(f"The pod of {arguments.manifest} on {runtime.version()}, {subprocess.run([runc, '--version'], capture_output=True, text=True, check=True).stdout.splitlines()[0]}")
    started = run("as-it-is", pod)
    right = started.holds()
    for line in started.log().splitlines():
        if "privileges" in line or "warn" in line:
            print("          " + line.partition(" F ")[2])
    right &= started.stop()
    print("The same with allowPrivilegeEscalation")
    started = run("escalation", without(pod, escalation_allowed))
    right &= told(metrics().get('conntrack_scrape_collector_success{collector="flows"}') == 1, "flows can be read")
    right &= started.stop()
    print("The same without NET_ADMIN")
    started = run("nothing-added", without(pod, nothing_added))
    seen = metrics()
    right &= told(seen.get('conntrack_scrape_collector_success{collector="flows"}') == 0, "it starts, and has no flows")
    right &= told(seen.get("conntrack_entries", 0) >= FLOWS, "it has the rest")
    right &= started.stop()
    if arguments.tls:
        print("With the component tls")
        started = run("tls", pod_template(arguments.tls, folder / "volumes"))
        seen = metrics("https://127.0.0.1:10318/metrics")
        right &= told(seen.get('conntrack_scrape_collector_success{collector="flows"}') == 1, "flows over TLS")
        (container,) = started.pod["spec"]["containers"]
        for probe in ("livenessProbe", "readinessProbe"):
            health = runtime.execute(started.container, *container[probe]["exec"]["command"])
            right &= told(health.exit_code == 0, f"{probe}: {health.exit_code} {health.stderr.decode().strip()}")
        right &= started.stop()
    if arguments.netns:
        print("With the component netns")
        other = subprocess.Popen(["unshare", "--net", "sleep", "600"])
        cleanup.callback(other.kill)
        started = run("netns", pod_template(arguments.netns))
        seen = metrics()
        named = sorted(name for name in seen if name.startswith("conntrack_netns_entries{"))
        right &= told(seen.get('conntrack_netns_entries{netns="host"}', 0) >= FLOWS, "the entries of the node's namespace")
        right &= told('conntrack_netns_entries{netns="sleep"}' in seen, f"those of another one, by the name of its process: {named}")
        right &= told(seen.get("conntrack_netns_unreadable") == 0, "none is unreadable")
        right &= started.stop()
    if arguments.workloads:
        print("With the component workloads")
        asked = run_pod(runtime, arguments.pause_name, f"{cgroup}/kubepods/besteffort/pod{POD}", folder / "asked")
        started = run("workloads", pod_template(arguments.workloads))
        seen = metrics()
        series = f'conntrack_workload_flows{{kind="pod",workload="{POD}",pod_uid="{POD}",container_id="",direction="%s"}}'
        right &= told(seen.get(series % "received") == ASKED, f"{ASKED} flows to a pod with a network of its own, by its UID")
        right &= told(seen.get(series % "opened") == 0, "and none from it")
        right &= started.stop()
        runtime.stop(*asked, 0)
    if arguments.bpf and not pathlib.Path("/sys/kernel/btf/vmlinux").exists():
        print("SKIPPED: this kernel has no BTF: the component bpf is not tried")
    elif arguments.bpf:
        for name, change in (("as it is", lambda *_: None), ("and no filter of system calls", system_calls_free)):
            print(f"With the component bpf, {name}")
            started = run(f"bpf-{name.replace(' ', '-')}", without(pod_template(arguments.bpf), change))
            right &= walks_with_bpf(started)
            right &= started.stop()
    return right


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("manifest")
    for name in ("--image", "--image-name", "--pause", "--pause-name", "--programs"):
        parser.add_argument(name, required=True)
    parser.add_argument("--runc", default="runc")
    for name in ("--tls", "--netns", "--workloads", "--bpf"):
        parser.add_argument(name)
    parser.add_argument("--inside", help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.inside:
        with contextlib.ExitStack() as cleanup:
            return 0 if inside(arguments, pathlib.Path(arguments.inside), cleanup) else 1
    with tempfile.TemporaryDirectory(prefix="conntrack-test-") as folder:
        os.chmod(folder, 0o755)
        try:
            # All processes are gone when the first one of the PID namespace is.
            return subprocess.run(["unshare", "--net", "--mount", "--pid", "--fork", "--kill-child", "--mount-proc", sys.executable,
                                   __file__, *sys.argv[1:], "--inside", folder], check=False).returncode
        finally:
            for left in list(pathlib.Path("/sys/fs/cgroup").glob(f"**/{pathlib.Path(folder).name}")):
                for group in sorted((left, *left.glob("**/")), key=lambda path: -len(path.parts)):
                    with contextlib.suppress(OSError):
                        group.rmdir()


if __name__ == "__main__":
    sys.exit(main())
