"""Runs a pod of a manifest by way of the Container Runtime Interface, with the requests that kubelet would send."""

import importlib
import json
import pathlib
import subprocess
import sys

import grpc

PROPAGATION = {None: "PRIVATE", "None": "PRIVATE", "HostToContainer": "HOST_TO_CONTAINER", "Bidirectional": "BIDIRECTIONAL"}
# What kubelet asks to mask and to make read-only where procMount is Default.
MASKED = ("/proc/asound", "/proc/acpi", "/proc/kcore", "/proc/keys", "/proc/latency_stats", "/proc/timer_list",
          "/proc/timer_stats", "/proc/sched_debug", "/proc/scsi", "/sys/firmware")
READ_ONLY = ("/proc/bus", "/proc/fs", "/proc/irq", "/proc/sys", "/proc/sysrq-trigger")
UNITS = {"Ki": 2**10, "Mi": 2**20, "Gi": 2**30}


def messages(folder: pathlib.Path):
    """The module that protoc makes of cri.proto."""
    source = pathlib.Path(__file__).parent
    subprocess.run(["protoc", f"--proto_path={source}", f"--python_out={folder}", "cri.proto"], check=True)
    sys.path.insert(0, str(folder))
    return importlib.import_module("cri_pb2")


class Runtime:
    """A client of containerd, or of CRI-O."""

    def __init__(self, socket: str, pb):
        self.channel = grpc.insecure_channel(f"unix://{socket}")
        self.pb = pb

    def call(self, method: str, request, answer):
        rpc = self.channel.unary_unary(f"/runtime.v1.RuntimeService/{method}",
                                       request_serializer=lambda message: message.SerializeToString(),
                                       response_deserializer=answer.FromString)
        return rpc(request, timeout=60)

    def version(self) -> str:
        found = self.call("Version", self.pb.Version(version="v1"), self.pb.Version)
        return f"{found.runtime_name} {found.runtime_version}"

    def run(self, pod: dict, image: str, name: str, cgroup: str, logs: str):
        """Starts the pod of a pod template with one container. Yields the ids of sandbox and container."""
        sandbox = sandbox_config(self.pb, pod, name, cgroup, logs)
        started = self.call("RunPodSandbox", self.pb.RunPodSandboxRequest(config=sandbox), self.pb.RunPodSandboxResponse)
        container = container_config(self.pb, pod, image)
        made = self.call("CreateContainer", self.pb.CreateContainerRequest(
            pod_sandbox_id=started.pod_sandbox_id, config=container, sandbox_config=sandbox), self.pb.CreateContainerResponse)
        self.call("StartContainer", self.pb.StartContainerRequest(container_id=made.container_id), self.pb.Empty)
        return started.pod_sandbox_id, made.container_id

    def process(self, container: str) -> int:
        status = self.call("ContainerStatus", self.pb.ContainerStatusRequest(container_id=container, verbose=True),
                           self.pb.ContainerStatusResponse)
        return json.loads(status.info["info"])["pid"]

    def execute(self, container: str, *words: str):
        return self.call("ExecSync", self.pb.ExecSyncRequest(container_id=container, cmd=words, timeout=10),
                         self.pb.ExecSyncResponse)

    def stop(self, sandbox: str, container: str, patience: int) -> None:
        self.call("StopContainer", self.pb.StopContainerRequest(container_id=container, timeout=patience), self.pb.Empty)
        self.call("StopPodSandbox", self.pb.StopPodSandboxRequest(pod_sandbox_id=sandbox), self.pb.Empty)
        self.call("RemovePodSandbox", self.pb.RemovePodSandboxRequest(pod_sandbox_id=sandbox), self.pb.Empty)


def namespaces(pb, spec: dict):
    return pb.Namespaces(network=pb.NODE if spec.get("hostNetwork") else pb.POD,
                         pid=pb.NODE if spec.get("hostPID") else pb.CONTAINER,
                         ipc=pb.NODE if spec.get("hostIPC") else pb.POD)


def number(pb, value):
    return None if value is None else pb.Int64Value(value=value)


def profile(pb, security: dict):
    kind = security.get("seccompProfile", {}).get("type", "Unconfined")
    return pb.Profile(profile_type=getattr(pb, kind))


def groups(security: dict) -> list[int]:
    return [security["fsGroup"]] if "fsGroup" in security else []


def sandbox_config(pb, pod: dict, name: str, cgroup: str, logs: str):
    spec = pod["spec"]
    security = spec.get("securityContext", {})
    return pb.Sandbox(
        metadata=pb.PodMetadata(name=name, uid=name, namespace="test"),
        log_directory=logs, labels=pod["metadata"]["labels"],
        linux=pb.LinuxSandbox(cgroup_parent=cgroup, security_context=pb.SandboxSecurity(
            namespace_options=namespaces(pb, spec), run_as_user=number(pb, security.get("runAsUser")),
            run_as_group=number(pb, security.get("runAsGroup")), supplemental_groups=groups(security),
            seccomp=profile(pb, security))))


def memory(text: str) -> int:
    return int(text[:-2]) * UNITS[text[-2:]] if text[-2:] in UNITS else int(text)


def mounts(pb, spec: dict, container: dict) -> list:
    """Volumes of the host alone: who has ConfigMaps and Secrets writes them there first, as kubelet does."""
    paths = {volume["name"]: volume["hostPath"]["path"] for volume in spec.get("volumes", ())}
    return [pb.Mount(container_path=mount["mountPath"], host_path=paths[mount["name"]], readonly=mount.get("readOnly", False),
                     propagation=getattr(pb, PROPAGATION[mount.get("mountPropagation")]))
            for mount in container.get("volumeMounts", ())]


def container_config(pb, pod: dict, image: str):
    spec = pod["spec"]
    (container,) = spec["containers"]
    security = {**spec.get("securityContext", {}), **container.get("securityContext", {})}
    capabilities = security.get("capabilities", {})
    limit = container.get("resources", {}).get("limits", {}).get("memory", "0")
    return pb.Container(
        metadata=pb.ContainerMetadata(name=container["name"]), image=pb.Image(image=image),
        command=container.get("command", ()), args=container.get("args", ()), mounts=mounts(pb, spec, container),
        log_path="log",
        linux=pb.LinuxContainer(
            resources=pb.Resources(memory_limit_in_bytes=memory(limit)),
            security_context=pb.ContainerSecurity(
                capabilities=pb.Capability(add_capabilities=capabilities.get("add", ()),
                                           drop_capabilities=capabilities.get("drop", ())),
                namespace_options=namespaces(pb, spec), run_as_user=number(pb, security.get("runAsUser")),
                run_as_group=number(pb, security.get("runAsGroup")), supplemental_groups=groups(security),
                readonly_rootfs=security.get("readOnlyRootFilesystem", False),
                no_new_privs=not security.get("allowPrivilegeEscalation", True),
                masked_paths=MASKED, readonly_paths=READ_ONLY, seccomp=profile(pb, security))))
