#!/usr/bin/env python3
"""The Debian package on a real system: installed, used with each drop-in, upgraded, removed and purged. Then the RPM and the tarball.

Usage: tests/deploy/package_test.py [DEB], as root. DEB is a package for Debian 12 or 13, and is tested alone. Without it the test makes
the packages from build/release (make build) and build/portable-amd64 (make portable-packages). It makes a Debian in memory and boots it
in namespaces of its own (machine.py): nothing of this machine is changed, and nothing is left."""

import os
import pathlib
import re
import shutil
import sys
import time
from concurrent import futures

import enclosure
import packages
from machine import Failed, Machine, make_root
from service import Service

_TOOLS = ("conntrack", "cpack", "curl", "dpkg-shlibdeps", "lintian", "mmdebstrap", "nft", "nsenter", "systemd-nspawn", "unshare")
_CONFFILE = pathlib.Path("/etc/default/conntrack-exporter")
_LIMIT = pathlib.Path("/proc/sys/net/netfilter/nf_conntrack_max")
_BUILD = packages.REPOSITORY / "build/release"
_PORTABLE = packages.REPOSITORY / "build/portable-amd64"
_CODENAMES = {"12": "bookworm", "13": "trixie"}


def say(text: str) -> None:
    print(f"[{time.monotonic() - _START:5.1f} s] {text}", flush=True)


def why_impossible(deb: pathlib.Path | None) -> str | None:
    if os.geteuid() != 0:
        return "it boots a system: run it as root"
    missing = [tool for tool in _TOOLS if not shutil.which(tool)]
    if missing:
        return f"{', '.join(missing)} missing: scripts/install-dependencies deploy"
    if deb and not (deb.is_file() and re.search(rf"\.deb({'|'.join(_CODENAMES)})_", deb.name)):
        return f"{deb} is no package for Debian 12 or 13"
    for build in () if deb else (_BUILD, _PORTABLE):
        if not (build / "conntrack_exporter").exists() or not (build / "CPackConfig.cmake").exists():
            return f"{build} has no build: make build portable-packages"
    return None


def installation(machine: Machine, service: Service, deb: pathlib.Path) -> None:
    # Without a network: all it needs is there, and is what it names.
    machine.run("apt-get", "install", "-y", "-qq", "--no-install-recommends", f"/root/{deb.name}")
    service.assert_state("active", "running")
    scrape = service.scrape()  # at once: Type=notify
    status = machine.show(service.UNIT, "StatusText")
    if not status.startswith("serving /metrics on "):
        raise Failed(f"its status is {status!r}")
    service.assert_enabled("enabled", "disabled")
    say(f"apt installs it; the service runs, is enabled, and says: {status}")
    # What cannot serve is no service that has started.
    service.arguments("--web.listen-address=192.0.2.9:10318")
    done = machine.run("systemctl", "restart", service.UNIT, check=False)
    if done.returncode == 0:
        raise Failed("a unit that cannot listen has started")
    service.arguments("")
    service.restart()
    say("a start that cannot serve fails")
    scrape.assert_value(1, 'conntrack_scrape_collector_success{collector="flows"}')


def flows(machine: Machine, service: Service) -> None:
    flow = ("--proto", "tcp", "--src", "192.0.2.1", "--dst", "192.0.2.2", "--sport", "1000", "--dport", "2000", "--state",
            "LAST_ACK", "--timeout", "300")
    series = 'conntrack_flows{family="ipv4",protocol="tcp",flow_state="LAST_ACK"}'
    service.scrape().assert_value(0, series)
    machine.in_network("conntrack", "-I", *flow)
    service.wait_for(series, 1)
    # Packets of its own are tracked as soon as a rule asks for it, as on a gateway.
    machine.in_network("nft", "add table inet t; add chain inet t o { type filter hook output priority 0; }; "
                              "add rule inet t o ct state new counter")
    service.wait_for('conntrack_flows{family="ipv4",protocol="tcp",flow_state="ESTABLISHED"}', 1)
    count = int(machine.in_network("conntrack", "-C").stdout)
    say(f"flows are read: the one that was made, and its own scrapes; conntrack -C counts {count}")


def confinement(machine: Machine, service: Service) -> None:
    status = machine.status_of(service.pid())
    uid = machine.run("id", "-u", "conntrack-exporter").stdout.strip()
    net_admin = f"{1 << 12:016x}"
    wanted = {"Uid": "\t".join([uid] * 4), "CapPrm": net_admin, "CapEff": net_admin, "CapBnd": net_admin, "NoNewPrivs": "1",
              "Seccomp": "2"}
    found = {name: status[name] for name in wanted}
    if found != wanted or uid == "0":
        raise Failed(f"the process has {found}, not {wanted}")
    for part in ("capabilities=CAP_NET_ADMIN ", "system_calls=filtered", 'files="Landlock'):
        if part not in service.log():
            raise Failed(f"its log has no {part}:\n{service.log()}")
    analysis = machine.run("systemd-analyze", "security", "--no-pager", "--threshold=17", service.UNIT).stdout
    say(f"its user is {uid}, its only capability CAP_NET_ADMIN; {analysis.splitlines()[-1].strip(' →')}")


def drift(machine: Machine, service: Service) -> None:
    # The limit of this machine is shown in all network namespaces, and set in none but the first; so nothing carries this out.
    limit = int(machine.run("cat", str(_LIMIT)).stdout)
    machine.write("/etc/sysctl.d/90-test.conf", f"net.netfilter.nf_conntrack_max = {limit * 2}\n")
    # Its /sys does not show whether nf_conntrack is a module, nor has it the files of the kernel: as if it had, and built in.
    machine.write(f"/usr/lib/modules/{os.uname().release}/modules.builtin", "kernel/net/netfilter/nf_conntrack.ko\n")
    # The exporter knows that this is no boot of a kernel, and wants to be told whose files it shall read.
    machine.run("mkdir", "/host")
    machine.run("mount", "--bind", "/", "/host")
    service.arguments("--path.rootfs=/host")
    service.restart()
    scrape = service.scrape()
    scrape.assert_value(1, 'conntrack_scrape_collector_success{collector="persistence"}')
    scrape.assert_value(1, 'conntrack_setting_drift{setting="nf_conntrack_max"}')
    scrape.assert_value(limit * 2, 'conntrack_setting_persisted{setting="nf_conntrack_max",managed_by="systemd-sysctl"}')
    service.arguments("")
    service.restart()
    say("drift is read: a file of sysctl.d sets another limit than the one that runs")


def kernel_log(machine: Machine, service: Service, readable: bool) -> None:
    series = 'conntrack_scrape_collector_success{collector="kernel_log"}'
    service.scrape().assert_absent(series)
    say("the kernel's log is not read by default")
    if not readable:
        say("SKIPPED: /dev/kmsg cannot be read on this machine: kernel-log.conf is not tried")
        return
    with service.drop_in("kernel-log"):
        service.scrape().assert_value(1, series)
        service.assert_capabilities(12, 34)
    say("kernel-log.conf: it is read")


def namespaces(machine: Machine, service: Service) -> None:
    machine.run("ip", "netns", "add", "blue")
    with service.drop_in("netns", "--collector.netns"):
        scrape = service.scrape()
        scrape.assert_value(1, 'conntrack_scrape_collector_success{collector="netns"}')
        scrape.assert_value(0, 'conntrack_netns_entries{netns="blue"}')
        scrape.assert_value(0, "conntrack_netns_unreadable")
        service.assert_capabilities(12, 19, 21)
    machine.run("ip", "netns", "delete", "blue")
    say("netns.conf: a namespace that no process is in is read")


def workloads(service: Service) -> None:
    with service.drop_in("workloads", "--collector.workloads"):
        service.wait_for(f'conntrack_workload_flows{{kind="unit",workload="{service.UNIT}",pod_uid="",container_id="",direction="received"}}', 1)
        service.assert_capabilities(12, 19)
    say("workloads.conf: its scrapes are flows that its own unit receives")


def bpf(machine: Machine, service: Service) -> None:
    source = 'conntrack_flows_source_info{via="%s",why_not_bpf="%s"}'
    service.scrape().assert_value(1, source % ("ctnetlink", "denied"))
    say("flows come over netlink, since nothing gives it what BPF takes")
    if not pathlib.Path("/sys/kernel/btf/vmlinux").exists():
        say("SKIPPED: the kernel of this machine has no BTF: bpf.conf is not tried")
        return
    with service.drop_in("bpf"):
        service.wait_for('conntrack_flows{family="ipv4",protocol="tcp",flow_state="ESTABLISHED"}', 1)
        scrape = service.scrape()
        scrape.assert_value(1, source % ("bpf", ""))
        if not scrape.value("conntrack_hash_chain_length_count"):
            raise Failed("it has no lengths of chains")
        # What loading takes stays in the bounding set alone: emptying that takes one more, CAP_SETPCAP.
        service.assert_capabilities(12, bounding=(12, 34, 38, 39))
        machine.run("grep", "--quiet", "--extended-regexp", " /proc/sys ro[ ,]", f"/proc/{service.pid()}/mountinfo")
        if not machine.run("find", f"/proc/{service.pid()}/fd", "-lname", "/proc/kallsyms").stdout:
            raise Failed("it cannot look into /proc/kallsyms")
        listed = int(machine.in_network("conntrack", "-C").stdout)
    say(f"bpf.conf: flows are read with BPF; what loading takes is given up; conntrack -C counts {listed}")


def other_drop_ins(machine: Machine, service: Service) -> None:
    with service.drop_in("no-capability", "--no-collector.flows"):
        service.scrape().assert_value(1, 'conntrack_scrape_collector_success{collector="table"}')
        service.assert_capabilities()
    say("no-capability.conf: it serves, and has none")
    folder = "/var/lib/prometheus/node-exporter"
    machine.run("mkdir", "-p", folder)
    machine.run("dpkg-statoverride", "--update", "--add", "root", "conntrack-exporter", "0775", folder)
    with service.drop_in("textfile", f"--output.textfile={folder}/conntrack.prom --output.textfile.interval=1"):
        machine.wait_for("the text file", machine.file(f"{folder}/conntrack.prom").exists)
        service.assert_capabilities(12)
        if "conntrack_entries " not in machine.file(f"{folder}/conntrack.prom").read_text():
            raise Failed("the text file has no conntrack_entries")
    say("textfile.conf: it writes the file")
    machine.run("systemctl", "stop", service.UNIT)
    with service.drop_in("socket", start=False):
        machine.run("systemctl", "start", service.SOCKET)
        service.assert_state("inactive", "dead")
        service.scrape()  # which starts it
        service.assert_state("active", "running")
        machine.run("systemctl", "stop", service.UNIT, service.SOCKET)
    say("socket.conf: the first scrape starts it")


def watchdog(machine: Machine, service: Service) -> None:
    with service.override("[Service]\nWatchdogSec=2\n"):
        time.sleep(5)  # alive, it is left alone
        pid = service.pid()
        service.assert_restarts(0)
        machine.run("systemctl", "kill", "--signal=SIGSTOP", "--kill-who=main", service.UNIT)
        machine.wait_for("the watchdog", lambda: service.pid() not in (pid, "0"))
        machine.wait_for("the service", lambda: machine.show(service.UNIT, "SubState") == "running")
        service.assert_restarts(1)
        if "Watchdog timeout" not in service.log():
            raise Failed(f"it was not the watchdog:\n{service.log()}")
        service.scrape()
    say("stopped with SIGSTOP, it is started anew by the watchdog")


def upgrade_and_removal(machine: Machine, service: Service, newer: pathlib.Path) -> None:
    service.arguments("--web.listen-address=127.0.0.1:10318")
    service.restart()
    before = service.pid()
    shutil.copy(newer, machine.file("/root"))
    machine.run("apt-get", "install", "-y", "-qq", f"/root/{newer.name}")
    service.assert_state("active", "running")
    if service.pid() == before:
        raise Failed("the upgrade did not restart it")
    conffile = machine.file(str(_CONFFILE))
    if "127.0.0.1" not in conffile.read_text():
        raise Failed("the upgrade replaced an edited conffile")
    say("an upgrade restarts it, and keeps what was edited")
    machine.run("apt-get", "remove", "-y", "-qq", "conntrack-exporter")
    service.assert_state("inactive", "dead")
    if machine.file("/usr/bin/conntrack_exporter").exists() or not conffile.exists():
        raise Failed("remove leaves the binary, or takes the conffile")
    say("remove stops it, and keeps the conffile")
    find = ("find", "/etc", "/usr", "/var/lib/systemd", "-name", "*conntrack?exporter*")
    kept = machine.run(*find).stdout.split()
    if str(_CONFFILE) not in kept:
        raise Failed(f"remove left {kept}")
    machine.run("apt-get", "purge", "-y", "-qq", "conntrack-exporter")
    left = machine.run(*find).stdout
    if left:
        raise Failed(f"purge leaves\n{left}")
    say("purge leaves nothing")


def rpm(machine: Machine, first: pathlib.Path, second: pathlib.Path) -> None:
    """As the package manager of another distribution does it; Debian's does not know what is installed so."""
    flags = pathlib.Path("/etc/sysconfig/conntrack-exporter")
    service = Service(machine, str(flags))
    for package in (first, second):
        shutil.copy(package, machine.file("/root"))
    machine.run("rpm", "--install", "--nodeps", f"/root/{first.name}")
    changed = machine.run("rpm", "--verify", "--nodeps", "conntrack-exporter").stdout
    if changed:
        raise Failed(f"what is installed is not what is in the package:\n{changed}")
    service.assert_state("inactive", "dead")
    machine.run("systemctl", "enable", "--now", service.UNIT)
    service.scrape().assert_value(1, 'conntrack_scrape_collector_success{collector="flows"}')
    confinement(machine, service)
    service.arguments("--web.listen-address=127.0.0.1:10318")
    service.restart()
    before = service.pid()
    machine.run("rpm", "--upgrade", "--nodeps", f"/root/{second.name}")
    service.assert_state("active", "running")
    if service.pid() == before:
        raise Failed("the upgrade did not restart it")
    if "127.0.0.1" not in machine.file(str(flags)).read_text():
        raise Failed("the upgrade replaced an edited file")
    machine.run("rpm", "--erase", "--nodeps", "conntrack-exporter")
    service.assert_state("inactive", "dead")
    left = machine.run("find", "/etc", "/usr", "-name", "*conntrack?exporter*").stdout.split()
    if left != [f"{flags}.rpmsave"]:
        raise Failed(f"erase leaves {left}")
    machine.run("rm", f"{flags}.rpmsave")
    say("the RPM is installed, serves, is upgraded, which restarts it and keeps what was edited, and is removed")


def tarball(machine: Machine, service: Service, archive: pathlib.Path) -> None:
    shutil.copy(archive, machine.file("/root"))
    # As docs/systemd.md says.
    machine.run("tar", "-C", "/root", "-xzf", f"/root/{archive.name}")
    folder = f"/root/{archive.name.removesuffix('.tar.gz')}"
    machine.run("install", "-m", "755", f"{folder}/conntrack_exporter", "/usr/local/bin")
    machine.run("sh", "-ec", f"cd {folder}; tar -cf - lib share | tar -C /usr/local --no-same-owner --keep-directory-symlink -xf -")
    machine.run("systemd-sysusers")
    machine.run("systemctl", "daemon-reload")
    machine.run("systemctl", "enable", "--now", service.UNIT)
    service.assert_state("active", "running")
    service.scrape().assert_value(1, 'conntrack_scrape_collector_success{collector="flows"}')
    say("the tarball, unpacked in /usr/local, serves")


def main(deb: pathlib.Path | None) -> None:
    folder = enclosure.folder()
    limit = _LIMIT.read_text()
    archive, rpms = None, []
    if not deb:
        deb = packages.make("DEB", _BUILD, folder / "deb")
        archive = packages.make("TGZ", _PORTABLE, folder / "tgz")
        rpms = [packages.make("RPM", _PORTABLE, folder / f"rpm{release}", release) for release in (1, 2)]
        say("made " + ", ".join(f"{path.name} ({path.stat().st_size / 1e6:.1f} MB)" for path in (deb, archive, *rpms)))
    version = re.search(r"\.deb(\d+)_", deb.name)[1]
    with futures.ThreadPoolExecutor() as beside:
        root = beside.submit(make_root, folder / "root", _CODENAMES[version], deb)
        depends = packages.inspect(deb)
        say(f"lintian is content; it depends on {depends}")
        newer = packages.next_version(deb, folder / "next")
        root.result()
    say(f"made a Debian {version}")
    readable = os.access("/dev/kmsg", os.R_OK)
    with Machine(folder / "root", ("/dev/kmsg",) if readable else ()) as machine:
        say("booted it")
        service = Service(machine)
        installation(machine, service, deb)
        flows(machine, service)
        confinement(machine, service)
        drift(machine, service)
        kernel_log(machine, service, readable)
        namespaces(machine, service)
        workloads(service)
        bpf(machine, service)
        other_drop_ins(machine, service)
        watchdog(machine, service)
        upgrade_and_removal(machine, service, newer)
        if archive:
            rpm(machine, *rpms)
            tarball(machine, service, archive)
    if _LIMIT.read_text() != limit:
        raise Failed("nf_conntrack_max of this machine has changed")
    say("all well; this machine's nf_conntrack_max is what it was")


if __name__ == "__main__":
    _START = time.monotonic()
    given = pathlib.Path(sys.argv[1]).resolve() if len(sys.argv) > 1 else None
    reason = why_impossible(given)
    if reason:
        sys.exit(f"package_test: {reason}")
    if not enclosure.inside():
        sys.exit(enclosure.run_inside(__file__))
    try:
        main(given)
    except Failed as failure:
        sys.exit(f"FAILED: {failure}")
