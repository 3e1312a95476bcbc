"""Makes the packages from a build, and looks into them."""

import pathlib
import re
import tempfile

import documentation
from machine import Failed, run

REPOSITORY = pathlib.Path(__file__).resolve().parents[2]
_DOC = "usr/share/doc/conntrack-exporter"
_SHIPPED = (
    "etc/default/conntrack-exporter", "usr/bin/conntrack_exporter", "usr/lib/systemd/system/conntrack-exporter.service",
    "usr/lib/systemd/system/conntrack-exporter.socket", "usr/lib/sysusers.d/conntrack-exporter.conf",
    "usr/share/bash-completion/completions/conntrack_exporter", "usr/share/fish/vendor_completions.d/conntrack_exporter.fish",
    "usr/share/zsh/vendor-completions/_conntrack_exporter", "usr/share/man/man8/conntrack_exporter.8.gz", "usr/share/conntrack-exporter/alerts/conntrack.rules.yml",
    "usr/share/conntrack-exporter/alerts/inhibit_rules.yml", f"{_DOC}/alerts/runbooks/ConntrackTableFull.md",
    f"{_DOC}/changelog.Debian.gz", f"{_DOC}/changelog.gz", f"{_DOC}/copyright", f"{_DOC}/docs/metrics.md",
    f"{_DOC}/examples/prometheus/prometheus.yml", f"{_DOC}/README.md")


def make(kind: str, build: pathlib.Path, to: pathlib.Path, release: int = 1) -> pathlib.Path:
    """A package of a build; kind is DEB, RPM or TGZ."""
    # Somebody whose files others may not read makes the same package.
    run("cpack", "-G", kind, "-D", f"CPACK_RPM_PACKAGE_RELEASE={release}", "-B", str(to), cwd=build, umask=0o077)
    made = [path for path in to.iterdir() if path.is_file()]
    if len(made) != 1:
        raise Failed(f"cpack left {[path.name for path in made]}")
    return made[0]


def next_version(deb: pathlib.Path, to: pathlib.Path) -> pathlib.Path:
    """The same package, but for its version."""
    run("dpkg-deb", "--raw-extract", str(deb), str(to))
    control = to / "DEBIAN/control"
    control.write_text(re.sub(r"^(Version: .*)$", r"\1+next", control.read_text(), flags=re.MULTILINE))
    made = to.with_suffix(".deb")
    run("dpkg-deb", "--root-owner-group", "--build", str(to), str(made))
    return made


def inspect(deb: pathlib.Path) -> str:
    """What is wrong with the package ends the test. Yields what it depends on."""
    run("lintian", "--allow-root", "--fail-on", "error,warning", str(deb))
    listed = run("dpkg-deb", "--contents", str(deb)).stdout
    files = {line.split()[5].removeprefix("./"): line.split() for line in listed.splitlines()}
    drop_ins = (f"{_DOC}/systemd/{path.name.removesuffix('.in')}"
                for path in (REPOSITORY / "deploy/systemd/drop-ins").iterdir())
    dashboards = (f"usr/share/conntrack-exporter/dashboards/{path.name}"
                  for path in (REPOSITORY / "dashboards").glob("*.json"))
    missing = [path for path in (*_SHIPPED, *drop_ins, *dashboards) if path not in files]
    if missing:
        raise Failed(f"not in the package: {', '.join(missing)}")
    for path, (mode, owner, *_) in files.items():
        wanted = {"d": "drwxr-xr-x", "l": "lrwxrwxrwx"}.get(mode[0], "-rwxr-xr-x" if "/bin/" in path else "-rw-r--r--")
        if (mode, owner) != (wanted, "root/root"):
            raise Failed(f"{path} is {mode} {owner} in the package")
    with tempfile.TemporaryDirectory() as folder:
        run("dpkg-deb", "--extract", str(deb), folder)
        faults = documentation.faults(pathlib.Path(folder))
    if faults:
        raise Failed("\n".join(faults))
    depends = run("dpkg-deb", "--field", str(deb), "Depends").stdout
    if "libcivetweb" in depends:
        raise Failed(f"it has the distribution's CivetWeb: {depends}")
    for library in ("libbpf1", "libc6", "libssl3", "libmnl0", "libseccomp2"):
        if not re.search(rf"\b{library}(?:t64)? \(>=", depends):
            raise Failed(f"{library} is not among what it depends on: {depends}")
    return depends.strip()
