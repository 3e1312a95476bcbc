"""Trees of boot files: what is below /, what is on the kernel's command line, and what runs before the boot."""

import dataclasses

NF = "net.netfilter.nf_conntrack"
FIREWALLD = "etc/modprobe.d/firewalld-sysctls.conf"
_THEN = "install nf_conntrack /sbin/modprobe --ignore-install nf_conntrack $CMDLINE_OPTS && "
_ADDED = 'ACTION=="add", SUBSYSTEM=="module", KERNEL=="nf_conntrack", '
_SYSTEMD_SYSCTL = "/usr/lib/systemd/systemd-sysctl"
MASKED = "-> /dev/null"


@dataclasses.dataclass(frozen=True)
class Tree:
    name: str
    # Contents by path. A link is "-> TARGET"; None removes what Debian has there; what begins with #! can be executed.
    files: dict[str, str | None] = dataclasses.field(default_factory=dict)
    # By the name without nf_conntrack_: what runs before the boot, if not the default. "x4" is four times the buckets.
    hand: dict[str, int | str] = dataclasses.field(default_factory=dict)
    words: str = ""  # on the kernel's command line
    known: bool = True  # that is, unknown is no answer: the tree is a common one

    def start(self, defaults: dict[str, int]) -> dict[str, int]:
        """What runs before, in the order in which it has to be set."""
        wanted = {"nf_conntrack_buckets": defaults["nf_conntrack_buckets"], **defaults}
        for name, value in self.hand.items():
            buckets = wanted["nf_conntrack_buckets"]
            wanted[f"nf_conntrack_{name}"] = buckets * int(value[1:]) if isinstance(value, str) else value
        return wanted


def sysctl(*lines: str, file: str = "etc/sysctl.d/90-nf.conf") -> dict[str, str]:
    """Lines that set something of nf_conntrack, without their common prefix."""
    return {file: "".join(f"{NF}{line}\n" for line in lines)}


def load(*lines: str, file: str = "etc/modules-load.d/nf.conf") -> dict[str, str]:
    return {file: "".join(f"{line}\n" for line in lines)}


def modprobe(*lines: str, file: str = "etc/modprobe.d/nf.conf") -> dict[str, str]:
    return {file: "".join(f"{line}\n" for line in lines)}


def rule(*lines: str, file: str = "etc/udev/rules.d/60-nf.rules") -> dict[str, str]:
    return {file: "".join(f"{line}\n" for line in lines)}


MAX = {"max": 500000}
SETS_MAX = sysctl("_max = 500000")
EARLY = load("nf_conntrack")
SYSV = {"usr/lib/systemd/systemd": None, "etc/sysctl.d/99-sysctl.conf": None, "etc/modules-load.d/modules.conf": None}

TREES = [
    Tree("nothing at all"),
    # What runs was set by hand.
    Tree("by hand", hand=MAX),
    Tree("by hand, 1048576 with 262144 buckets", hand={"buckets": 262144, "max": 1048576}),
    Tree("by hand, 4 times the buckets", hand={"max": "x4"}),
    Tree("by hand, 8 times the buckets", hand={"max": "x8"}),
    Tree("by hand, 262144", hand={"max": 262144}),
    Tree("by hand, buckets and expectations", hand={"buckets": 65536, "max": "x1", "expect_max": 4096}),
    Tree("by hand, timeouts and switches", hand={"tcp_timeout_established": 86400, "tcp_timeout_close_wait": 3600, "udp_timeout_stream": 180,
                                                 "generic_timeout": 120, "tcp_be_liberal": 1, "tcp_loose": 0}),
    Tree("by hand, as kube-proxy does", {"etc/modules-load.d/k8s.conf": "overlay\nbr_netfilter\n", "etc/sysctl.d/k8s.conf": "net.ipv4.ip_forward = 1\n"},
         {"max": 131072, "tcp_timeout_established": 86400, "tcp_timeout_close_wait": 3600}),
    # sysctl.d
    Tree("before the module", SETS_MAX, MAX),
    Tree("in time", EARLY | SETS_MAX, MAX),
    Tree("in time, another value", EARLY | sysctl("_max = 400000"), MAX),
    Tree("the later name wins", EARLY | sysctl("_max = 400000", "_udp_timeout = 44", file="etc/sysctl.d/10-a.conf")
         | sysctl("_max = 500000", file="usr/lib/sysctl.d/20-b.conf"), MAX | {"udp_timeout": 44}),
    Tree("/etc replaces /usr/lib", EARLY | sysctl("_max = 500000", "_udp_timeout = 44", file="usr/lib/sysctl.d/50-a.conf")
         | sysctl("_max = 400000", file="etc/sysctl.d/50-a.conf"), {"max": 400000}),
    Tree("/usr/local/lib replaces /usr/lib", EARLY | sysctl("_max = 500000", file="usr/lib/sysctl.d/50-a.conf")
         | sysctl("_max = 400000", file="usr/local/lib/sysctl.d/50-a.conf"), {"max": 400000}),
    Tree("/run is empty by then", EARLY | sysctl("_max = 500000", file="run/sysctl.d/50-a.conf"), MAX, known=False),
    Tree("masked", EARLY | sysctl("_max = 500000", file="usr/lib/sysctl.d/50-a.conf") | {"etc/sysctl.d/50-a.conf": MASKED}, MAX),
    Tree("masked by an empty file", EARLY | sysctl("_max = 500000", file="usr/lib/sysctl.d/50-a.conf") | {"etc/sysctl.d/50-a.conf": ""}, MAX),
    Tree("no .conf", EARLY | sysctl("_max = 500000", file="etc/sysctl.d/90-nf") | sysctl("_max = 500000", file="etc/sysctl.d/x.conf.bak"), MAX),
    Tree("patterns", EARLY | {"etc/sysctl.d/90-nf.conf": f"{NF}_udp_timeout* = 77\n-{NF}_icmp*_timeout = 22\n-{NF}_icmpv6_timeout\n"
                                                         f"{NF}_gre_timeout = 55\n{NF}_gre_* = 66\n"},
         {"udp_timeout": 77, "udp_timeout_stream": 77, "icmp_timeout": 22, "icmpv6_timeout": 22, "gre_timeout": 55, "gre_timeout_stream": 66}),
    Tree("both names of the limit", EARLY | {"etc/sysctl.d/90-nf.conf": f"{NF}_max = 400000\nnet.nf_conntrack_max = 500000\n"}, MAX),
    Tree("both names, the other order", EARLY | {"etc/sysctl.d/90-nf.conf": f"net.nf_conntrack_max = 400000\n{NF}_max = 500000\n"}, MAX),
    Tree("named twice with the same value", EARLY | sysctl("_max = 500000", file="etc/sysctl.d/10-a.conf")
         | {"etc/sysctl.d/20-b.conf": "net.nf_conntrack_max = 400000\n"} | sysctl("_max = 500000", file="etc/sysctl.d/30-c.conf"), MAX),
    Tree("spellings of keys", EARLY | {"etc/sysctl.d/90-nf.conf": "net/netfilter/nf_conntrack_max=500000\n"
                                       f"-{NF}_generic_timeout =  222  \n\t/net/netfilter/nf_conntrack_udp_timeout\t=\t33 \r\n"
                                       f"; {NF}_icmp_timeout = 1\n# {NF}_icmpv6_timeout = 1\nnet.netfilter/nf_conntrack_acct = 1\n"
                                       f"{NF}_gre_timeout = 44"}, MAX | {"generic_timeout": 222, "udp_timeout": 33, "gre_timeout": 44}),
    Tree("spellings of numbers", EARLY | sysctl("_max = 0x7a120", "_generic_timeout = 0336", "_udp_timeout = 33 44", "_icmp_timeout = 22 # blank"),
         MAX | {"generic_timeout": 222, "udp_timeout": 33, "icmp_timeout": 22}),
    Tree("values that the kernel refuses", EARLY | sysctl("_max = many", "_log_invalid = 256", "_events = 3", "_checksum = 2", "_tcp_loose = 2", "_timestamp = -1", "_udp_timeout = 99999999999", "_icmp_timeout =",
                                                          "_buckets = 0", "_acct = 2", "_tcp_timeout_close = 1h"), MAX),
    Tree("values that some kernels refuse", EARLY | sysctl("_max = 0", "_generic_timeout = -1", "_tcp_max_retrans = 256", "_expect_max = -1"), MAX, known=False),
    Tree("buckets are rounded up", EARLY | sysctl("_buckets = 100000", "_max = 500000"), {"buckets": 100352} | MAX),
    Tree("buckets set, the limit not", EARLY | sysctl("_buckets = 65536"), {"buckets": 65536, "max": 65536}),
    Tree("old names", EARLY | {"etc/sysctl.d/90-nf.conf": "net.ipv4.netfilter.ip_conntrack_max = 500000\nnet.ipv4.ip_conntrack_max = 500000\n"}, MAX),
    Tree("/etc/sysctl.conf with its link", EARLY | sysctl("_max = 500000", file="etc/sysctl.conf"), MAX),
    Tree("/etc/sysctl.conf without a link", EARLY | sysctl("_max = 500000", file="etc/sysctl.conf") | {"etc/sysctl.d/99-sysctl.conf": None}, MAX),
    Tree("a name after that of the link", EARLY | sysctl("_max = 400000", file="etc/sysctl.conf") | sysctl("_max = 500000", file="etc/sysctl.d/99-z.conf"),
         MAX),
    Tree("a link to a file elsewhere", EARLY | sysctl("_max = 500000", file="etc/nf.conf") | {"etc/sysctl.d/90-nf.conf": "-> ../nf.conf"}, MAX),
    Tree("links to nothing", EARLY | SETS_MAX | {"etc/sysctl.d/99-nf.conf": "-> /etc/missing.conf", "etc/modules-load.d/99-nf.conf": "-> ../missing.conf"},
         MAX),
    Tree("a pattern for many", EARLY | {"etc/sysctl.d/90-nf.conf": f"{NF}_tcp_timeout_* = 1000\n"}, {"tcp_timeout_established": 1000}),
    # What loads the module early.
    Tree("modules-load.d with a dash", load("  nf-conntrack  ") | SETS_MAX, MAX),
    Tree("modules-load.d names a dependent", load("# nf_tables", "nf_nat") | SETS_MAX, MAX),
    Tree("modules-load.d names xt_conntrack", load("xt_conntrack") | SETS_MAX, MAX),
    Tree("modules-load.d names another module", load("br_netfilter", "overlay") | SETS_MAX, MAX),
    Tree("modules-load.d names an alias", load("ip_conntrack") | SETS_MAX, MAX),
    Tree("modules-load.d names what this kernel lacks", load("nf_conntrack_ipv4", "nf_conntrack nf_nat") | SETS_MAX, MAX),
    Tree("modules-load.d in comments", load("#nf_conntrack", "; nf_conntrack") | SETS_MAX, MAX),
    Tree("modules-load.d masked", load("nf_conntrack", file="usr/lib/modules-load.d/nf.conf") | {"etc/modules-load.d/nf.conf": MASKED} | SETS_MAX, MAX),
    Tree("modules-load.d below /run", load("nf_conntrack", file="run/modules-load.d/nf.conf") | SETS_MAX, MAX, known=False),
    Tree("modules-load.d names an alias of modprobe.d", load("mywall") | modprobe("alias mywall nf_conntrack") | SETS_MAX, MAX, known=False),
    Tree("/etc/modules, which modules-load.d links to", load("nf_conntrack", file="etc/modules") | SETS_MAX, MAX),
    Tree("/etc/modules without the link", load("nf_conntrack", file="etc/modules") | {"etc/modules-load.d/modules.conf": None} | SETS_MAX, MAX),
    Tree("modules_load= loads it", SETS_MAX, MAX, "quiet modules_load=br_netfilter,nf-conntrack"),
    Tree("sysctl. on the command line", {}, MAX, "sysctl.net.netfilter.nf_conntrack_max=500000"),
    Tree("an initramfs loads it", {"etc/initramfs-tools/modules": "nf_conntrack\n"} | SETS_MAX, MAX, known=False),
    Tree("an initramfs gives it buckets", {"etc/initramfs-tools/modules": "nf_conntrack hashsize=65536\n"}, {"buckets": 65536, "max": "x8"}, known=False),
    Tree("something else brings it by softdep", load("dummy") | modprobe("softdep dummy pre: nf_conntrack") | SETS_MAX, MAX, known=False),
    Tree("it brings something by softdep", modprobe("softdep nf_conntrack post: nf_nat") | SETS_MAX, MAX, known=False),
    # What keeps modprobe from it.
    Tree("blacklist", EARLY | modprobe("blacklist nf_conntrack") | SETS_MAX, MAX),
    Tree("blacklist, a dependent brings it", load("nf_nat") | modprobe("blacklist nf-conntrack") | SETS_MAX, MAX),
    Tree("blacklist of the dependent", load("nf_nat") | modprobe("blacklist nf_nat") | SETS_MAX, MAX),
    Tree("modprobe.blacklist=", EARLY | SETS_MAX, MAX, "modprobe.blacklist=nf_conntrack,nf_nat"),
    Tree("install /bin/false", EARLY | modprobe("install nf_conntrack /bin/false") | SETS_MAX, MAX),
    Tree("install /bin/true", modprobe("install nf_conntrack /bin/true") | SETS_MAX, MAX, known=False),
    # Parameters
    Tree("hashsize", modprobe("options nf_conntrack hashsize=65536"), {"buckets": 65536, "max": "x8"}),
    Tree("hashsize and the limit of before", modprobe("options nf_conntrack hashsize=65536"), {"buckets": 65536, "max": "x1"}),
    Tree("hashsize, and a limit in time", EARLY | modprobe("options nf-conntrack hashsize=0x10000") | SETS_MAX, {"buckets": 65536} | MAX),
    Tree("hashsize, and a limit too early", modprobe("options nf_conntrack hashsize=65536") | SETS_MAX, {"buckets": 65536} | MAX),
    Tree("hashsize of a dependent", modprobe("options nf_nat hashsize=65536"), {"buckets": 65536, "max": "x8"}),
    Tree("nf_conntrack.hashsize=", modprobe("options nf_conntrack hashsize=32768"), {"buckets": 65536, "max": "x8"}, "nf_conntrack.hashsize=65536"),
    Tree("hashsize, and buckets in time", EARLY | modprobe("options nf_conntrack \\", "  hashsize=4096 hashsize=65536") | sysctl("_buckets = 32768"),
         {"buckets": 32768, "max": 524288}),
    Tree("hashsize of nothing", modprobe("options nf_conntrack hashsize=0"), {"buckets": 65536, "max": "x8"}, known=False),
    Tree("hashsize that is not a number", modprobe("options nf_conntrack hashsize=64k") | SETS_MAX, {"buckets": 65536} | MAX, known=False),
    Tree("nf_conntrack.acct=", {}, {"acct": 1}, "nf_conntrack.acct=1", known=False),
    Tree("options acct and expect_hashsize", modprobe("options nf_conntrack acct=1 expect_hashsize=256"), {"acct": 1, "expect_max": 1024}, known=False),
    Tree("options masked", modprobe("options nf_conntrack hashsize=65536", file="usr/lib/modprobe.d/nf.conf") | {"etc/modprobe.d/nf.conf": MASKED},
         {"buckets": 65536, "max": "x8"}),
    # Commands of modprobe.d
    Tree("install: sysctl -w", modprobe(f"{_THEN}/sbin/sysctl -w {NF}_max=500000"), MAX),
    Tree("install: sysctl --system", modprobe(f"{_THEN}/sbin/sysctl -q --system") | SETS_MAX, MAX),
    Tree("install: sysctl -p FILE", modprobe(f"{_THEN}/sbin/sysctl -q -p /etc/nf.conf") | sysctl("_max = 500000", file="etc/nf.conf"), MAX, known=False),
    Tree("install: sysctl -p", modprobe(f"{_THEN}/sbin/sysctl -q -p") | sysctl("_udp_timeout = 44") | sysctl("_max = 500000", file="etc/sysctl.conf"),
         MAX | {"udp_timeout": 44}),
    Tree("install: systemd-sysctl --prefix", modprobe(f"{_THEN}{_SYSTEMD_SYSCTL} --prefix=/net/netfilter") | SETS_MAX, MAX),
    Tree("install: firewalld", {FIREWALLD: f"{_THEN}/sbin/sysctl --quiet --pattern 'net[.]netfilter[.]nf_conntrack.*' --system\n"} | SETS_MAX, MAX),
    Tree("install: firewalld, the other name", {FIREWALLD: f"{_THEN}/sbin/sysctl --quiet --pattern 'net[.]netfilter[.]nf_conntrack.*' --system\n",
                                                "etc/sysctl.d/90-nf.conf": "net.nf_conntrack_max = 500000\n"}, MAX),
    Tree("install: sh -c", modprobe(f'{_THEN}/bin/sh -c "sysctl -w {NF}_max=500000"'), MAX, known=False),
    Tree("install: of what the firewall loads", modprobe("install nft_ct /sbin/modprobe --ignore-install nft_ct && /sbin/sysctl -q --system") | SETS_MAX, MAX,
         known=False),
    Tree("install: two lines", modprobe(f"{_THEN}/sbin/sysctl -q -w {NF}_max=500000", f"{_THEN}/sbin/sysctl -q -w {NF}_max=400000"), MAX, known=False),
    # udev
    Tree("udev: --prefix=/net/netfilter", rule(f'{_ADDED}RUN+="{_SYSTEMD_SYSCTL} --prefix=/net/netfilter"') | SETS_MAX, MAX),
    Tree("udev: --prefix, the other name", rule(f'{_ADDED}RUN+="{_SYSTEMD_SYSCTL} --prefix=/net/netfilter"')
         | {"etc/sysctl.d/90-nf.conf": "net.nf_conntrack_max = 500000\n"}, MAX),
    Tree("udev: --prefix of that name", rule(f'{_ADDED}RUN+="/lib/systemd/systemd-sysctl --prefix=net/nf_conntrack_max"')
         | {"etc/sysctl.d/90-nf.conf": f"net.nf_conntrack_max = 500000\n{NF}_udp_timeout = 44\n"}, MAX | {"udp_timeout": 44}),
    Tree("udev: sysctl -w in a shell", rule(f"{_ADDED}RUN+=\"/bin/sh -c 'sysctl -w {NF}_max=500000'\""), MAX, known=False),
    Tree("udev: sysctl -w in a shell, and a file", rule(f"{_ADDED}RUN+=\"/bin/sh -c 'sysctl -w {NF}_max=500000'\"") | sysctl("_udp_timeout = 44"),
         MAX | {"udp_timeout": 44}, known=False),
    Tree("udev: sysctl -w", rule(f'{_ADDED}RUN+="/usr/sbin/sysctl -w {NF}_max=500000"'), MAX),
    Tree("udev: of another module", rule(f'ACTION=="add", SUBSYSTEM=="module", KERNEL=="nf_nat|br_netfilter", RUN+="{_SYSTEMD_SYSCTL}"') | SETS_MAX, MAX, known=False),
    Tree("udev: on removal", rule(f'ACTION=="remove", KERNEL=="nf_conntrack", RUN+="{_SYSTEMD_SYSCTL}"') | SETS_MAX, MAX, known=False),
    Tree("udev: other ways to say it", rule(f'ACTION!="remove", SUBSYSTEM=="module", \\', f'  KERNEL=="nf_*", RUN{{program}}+="{_SYSTEMD_SYSCTL}"') | SETS_MAX, MAX),
    Tree("udev: a prefix with %k", rule(f'{_ADDED}RUN+="{_SYSTEMD_SYSCTL} --prefix=/net/netfilter/%k_max"') | sysctl("_max = 500000", "_udp_timeout = 44"),
         MAX | {"udp_timeout": 44}, known=False),
    Tree("udev: jumped over", rule('KERNEL=="nf_conntrack", GOTO="end"', f'{_ADDED}RUN+="{_SYSTEMD_SYSCTL}"', 'LABEL="end"') | SETS_MAX, MAX, known=False),
    Tree("udev: taken back", rule(f'{_ADDED}RUN+="{_SYSTEMD_SYSCTL}"', 'KERNEL=="nf_conntrack", RUN="/bin/true"') | SETS_MAX, MAX, known=False),
    Tree("udev: in time as well", EARLY | rule(f'{_ADDED}RUN+="{_SYSTEMD_SYSCTL} --prefix=/net/netfilter"') | SETS_MAX, MAX),
    Tree("udev: another value than the file", rule(f'{_ADDED}RUN+="/usr/sbin/sysctl -w {NF}_max=500000"') | sysctl("_max = 400000"), MAX),
    Tree("udev: a rule with a program", rule(f'{_ADDED}PROGRAM=="/bin/true", ENV{{never}}=="1", RUN+="{_SYSTEMD_SYSCTL} --prefix=/net/netfilter"')
         | SETS_MAX, MAX, known=False),
    Tree("udev: masked", rule(f'{_ADDED}RUN+="{_SYSTEMD_SYSCTL}"', file="usr/lib/udev/rules.d/60-nf.rules")
         | {"etc/udev/rules.d/60-nf.rules": MASKED} | SETS_MAX, MAX),
    # Without systemd: kmod and procps of Debian's init.d.
    Tree("sysv: /etc/modules and /etc/sysctl.conf", SYSV | load("# a comment", "nf_conntrack", file="etc/modules") | sysctl("_max = 500000", file="etc/sysctl.conf"),
         MAX, known=False),
    Tree("sysv: too early", SYSV | sysctl("_max = 500000", file="etc/sysctl.conf"), MAX, known=False),
    # What services do
    Tree("rc.local", {"etc/rc.local": f"#!/bin/sh -e\nsysctl -w {NF}_max=500000\nexit 0\n"}, MAX, known=False),
    Tree("rc.local that nobody may execute", {"etc/rc.local": f"sysctl -w {NF}_max=500000\n"}, MAX, known=False),
    Tree("ufw, not enabled", {"etc/ufw/ufw.conf": "ENABLED=no\n", "etc/ufw/sysctl.conf": "net/netfilter/nf_conntrack_max=500000\n"}, MAX, known=False),
    Tree("ufw", {"etc/ufw/ufw.conf": "ENABLED=yes\nLOGLEVEL=low\n", "usr/sbin/iptables": "-> xtables-nft-multi", "usr/sbin/ip6tables": "-> xtables-nft-multi",
                 "usr/sbin/iptables-restore": "-> xtables-nft-multi", "usr/sbin/ip6tables-restore": "-> xtables-nft-multi",
                 "etc/ufw/before.rules": "*filter\n:ufw-before-input - [0:0]\n-A ufw-before-input -m conntrack --ctstate ESTABLISHED -j ACCEPT\nCOMMIT\n",
                 "etc/ufw/sysctl.conf": "net/netfilter/nf_conntrack_max=500000\n"} | sysctl("_udp_timeout = 44"), MAX | {"udp_timeout": 44}, known=False),
]
