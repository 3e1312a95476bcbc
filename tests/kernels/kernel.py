"""A kernel of kernels.list: found on the mirror, unpacked, and its modules packed for the initramfs."""

import dataclasses
import pathlib
import re
import shutil
import subprocess

import initramfs
import mirror

LIST = pathlib.Path(__file__).with_name("kernels.list")
# What the suite may load, and what that may need.
_MODULES = ("net", "lib", "crypto", "arch/*/crypto", "arch/*/lib", "drivers/virtio", "drivers/block/virtio_blk.ko*",
            "drivers/net/veth.ko*", "drivers/net/dummy.ko*")
_LEFT_OUT = re.compile(r"/net/(wireless|mac80211|bluetooth|sunrpc|ceph|9p|vmw_vsock|rds|tipc|can|rxrpc|smc|dsa)/|/lib/test")


@dataclasses.dataclass(frozen=True)
class Kernel:
    name: str
    arch: str
    suite: str
    pattern: str
    folder: pathlib.Path  # what is kept of it
    results: pathlib.Path  # what a run leaves

    @property
    def release(self) -> str:
        """As uname says it. For one that has been prepared."""
        return (self.folder / "release").read_text().strip()

    @property
    def version(self) -> str:
        """Of the package, as Debian numbers it."""
        return (self.folder / "version").read_text().strip()

    @property
    def image(self) -> pathlib.Path:
        return self.folder / "vmlinuz"

    @property
    def modules(self) -> pathlib.Path:
        """A cpio archive."""
        return self.folder / "modules.cpio"

    def prepare(self) -> None:
        """Downloads and packs what is not there yet."""
        listed = mirror.packages(self.suite, self.arch, self.folder.parents[1] / "packages")
        named = {name: name.removeprefix("linux-image-") for name in listed if name.startswith("linux-image-")}
        found = [listed[name] for name, release in named.items() if re.fullmatch(self.pattern, release)]
        if not found:
            raise mirror.MirrorError(f"{self.name}: no linux-image-{self.pattern} in {self.suite} for {self.arch}")
        image = mirror.newest(found)
        release = named[image.name]
        if self.modules.exists() and (self.folder / "version").exists() and self.version == image.version:
            return
        print(f"{self.name}: unpacking {image.name} {image.version} of {self.suite}", flush=True)
        shutil.rmtree(self.folder, ignore_errors=True)
        unpacked = self.folder / "unpacked"
        unpacked.mkdir(parents=True)
        for package in parts(image, listed, release):
            mirror.unpack(mirror.fetch(package, self.folder.parents[1] / "packages"), unpacked)
        shutil.copy(next(unpacked.rglob("vmlinuz*")), self.image)
        self._pack_modules(next(unpacked.rglob(f"modules/{release}")), release)
        shutil.rmtree(unpacked)
        (self.folder / "release").write_text(f"{release}\n")
        (self.folder / "version").write_text(f"{image.version}\n")

    def _pack_modules(self, source: pathlib.Path, release: str) -> None:
        root = self.folder / "modules"
        target = root / "usr/lib/modules" / release  # /lib is a link to it
        for pattern in _MODULES:
            for found in source.glob(f"kernel/{pattern}"):
                files = found.rglob("*.ko*") if found.is_dir() else [found]
                for file in files:
                    if not _LEFT_OUT.search(str(file)):
                        copy = target / file.relative_to(source)
                        copy.parent.mkdir(parents=True, exist_ok=True)
                        shutil.copy(file, copy)
        for file in source.glob("modules.*"):
            shutil.copy(file, target)
        subprocess.run(["depmod", "--basedir", root / "usr", release], check=True)
        initramfs.pack(root, self.modules)
        shutil.rmtree(root)


def parts(image: mirror.Package, listed: dict[str, mirror.Package], release: str) -> list[mirror.Package]:
    """The package and those that it depends on and that are of the same release: since 7.0 there are several."""
    found, waiting = {}, [image]
    while waiting:
        package = waiting.pop()
        found[package.name] = package
        waiting += [listed[name] for name in package.depends if name.endswith(release) and name in listed and name not in found]
    return list(found.values())


def known(build: pathlib.Path) -> list[Kernel]:
    """Those of the list, in its order. The same name may be there for several architectures."""
    found = []
    for line in LIST.read_text(encoding="ascii").splitlines():
        if line and not line.startswith("#"):
            name, arch, suite, pattern = line.split()
            folder = name if arch == "amd64" else f"{name}-{arch}"
            found.append(Kernel(name, arch, suite, pattern, build / "cache" / folder, build / folder))
    return found
