#include "kernel/boot/persistence.h"

#include <gmock/gmock.h>

#include "tests/support/host_tree.h"

namespace conntrack::kernel {
namespace {

constexpr const char* kMax = "nf_conntrack_max";
constexpr const char* kBuckets = "nf_conntrack_buckets";
constexpr const char* kEstablished = "nf_conntrack_tcp_timeout_established";
constexpr const char* kModulesDep = "/usr/lib/modules/6.1.0-18-amd64/modules.dep";
constexpr const char* kSet = "net.netfilter.nf_conntrack_max = 500000\n";
constexpr const char* kAsRule =
    "ACTION==\"add\", SUBSYSTEM==\"module\", KERNEL==\"nf_conntrack\", RUN+=";
constexpr const char* kModules =
    "k/nf_conntrack.ko: k/nf_defrag_ipv4.ko k/libcrc32c.ko\nk/nf_defrag_ipv4.ko:\n"
    "k/libcrc32c.ko:\nk/nf_nat.ko: k/nf_conntrack.ko k/nf_defrag_ipv4.ko k/libcrc32c.ko\n"
    "k/tun.ko:\n";

/// A file of the host: its path and text.
struct File {
  const char* path;
  std::string text;
};

/// A host of 16 GiB with Linux 6.1 as a module, in the first network namespace, where 500,000 is
/// the limit and all else is by default.
class PersistenceTest : public testing::Test {
 protected:
  PersistenceTest() {
    host_.Loadable()
        .Runs("nf_conntrack_count", "5")
        .Runs(kMax, "500000")
        .Runs(kBuckets, "262144")
        .Runs(kEstablished, "432000")
        .Proc("sys/net/nf_conntrack_max", "500000\n")
        .Proc("net/stat/nf_conntrack", "entries clashres found chainlength\n00000005 0 0 0\n")
        .Proc("meminfo", "MemTotal:       16389900 kB\n");
  }

  SettingPersistence Of(std::string_view name) {
    const auto report = ReadPersistence(host_.root(), host_.proc(), host_.sys()).value();
    for (const auto& setting : report.settings) {
      if (setting.name == name) return setting;
    }
    ADD_FAILURE() << name << " is missing";
    return {};
  }

  /// "kept 5 FILE:LINE udev", "before_module 5 FILE:LINE systemd-sysctl" or "unknown KIND
  /// FILE:LINE", with "-" for what there is not.
  std::string Verdict(std::string_view name = kMax) {
    const auto result = Of(name);
    if (result.doubt) {
      return "unknown " + std::string(result.doubt->kind) + " " +
             OrDash(result.doubt->source.ToString());
    }
    return std::string(result.drift ? ToString(*result.drift) : "kept") + " " +
           (result.at_boot ? std::to_string(*result.at_boot) : "-") + " " +
           (result.source ? result.source->ToString() : "-") + " " + OrDash(result.managed_by);
  }

  static std::string OrDash(const std::string& text) { return text.empty() ? "-" : text; }

  test::HostTree host_;
};

struct Tree {
  const char* name;
  std::vector<File> files;  ///< Beside kSet in /etc/sysctl.d/a.conf; "cmdline" is /proc/cmdline.
  const char* verdict;      ///< On the limit.
};

std::string NameOf(const testing::TestParamInfo<Tree>& tree) { return tree.param.name; }

class BootTree : public PersistenceTest, public testing::WithParamInterface<Tree> {};

TEST_P(BootTree, HasItsVerdict) {
  host_.File("/etc/sysctl.d/a.conf", kSet);
  for (const auto& [path, text] : GetParam().files) {
    if (std::string_view(path) == "cmdline") {
      host_.Proc(path, text + "\n");
    } else {
      host_.File(path, text);
    }
  }
  EXPECT_EQ(Verdict(), GetParam().verdict);
}

constexpr const char* kInTime = "kept 500000 /etc/sysctl.d/a.conf:1 systemd-sysctl";
constexpr const char* kTooLate = "before_module 500000 /etc/sysctl.d/a.conf:1 systemd-sysctl";
constexpr const char* kLoad = "/etc/modules-load.d/nf.conf";
constexpr const char* kModprobe = "/etc/modprobe.d/nf.conf";
constexpr const char* kRules = "/etc/udev/rules.d/60.rules";

INSTANTIATE_TEST_SUITE_P(
    Load, BootTree,
    testing::Values(
        Tree{"Nothing", {}, kTooLate}, Tree{"ByItsName", {{kLoad, "nf_conntrack\n"}}, kInTime},
        Tree{"ByTheCommandLine", {{"cmdline", "modules_load=nf-conntrack"}}, kInTime},
        Tree{"ByADependent", {{kLoad, "nf_nat\n"}, {kModulesDep, kModules}}, kInTime},
        Tree{"ByADependentOfTheRunningSystem",
             {{kLoad, "nf_nat\n"},
              {"/run/booted-system/kernel-modules/lib/modules/6.1.0-18-amd64/modules.dep",
               kModules}},
             kInTime},
        Tree{"ByAnAlias",
             {{kLoad, "ip_conntrack\n"},
              {kModulesDep, kModules},
              {"/usr/lib/modules/6.1.0-18-amd64/modules.alias",
               "alias ip_conntrack nf_conntrack\n"}},
             kInTime},
        Tree{"NotByAnother", {{kLoad, "tun\n"}, {kModulesDep, kModules}}, kTooLate},
        Tree{"NotByWhatTheKernelLacks",
             {{kLoad, "nf_conntrack_ipv4\nnf_nat_ipv6\n"}, {kModulesDep, kModules}},
             kTooLate},
        Tree{"NotByAnOldNameWithoutModulesDep", {{kLoad, "nf_conntrack_ipv4\n"}}, kTooLate},
        Tree{"PerhapsByAnotherWithoutModulesDep",
             {{kLoad, "#\nnft_ct\n"}},
             "unknown unknown_load /etc/modules-load.d/nf.conf:2"},
        Tree{"NotByOneThatHasNothingToDoWithIt", {{kLoad, "overlay\n"}}, kTooLate},
        Tree{"PerhapsByAFileOfThisBoot",
             {{"/run/modules-load.d/nf.conf", "nf_conntrack\n"}},
             "unknown unknown_writer /run/modules-load.d/nf.conf"},
        Tree{"NotIfDenied",
             {{kLoad, "nf-conntrack\n"}, {kModprobe, "blacklist nf_conntrack\n"}},
             kTooLate},
        Tree{"NotIfDeniedOnTheCommandLine",
             {{kLoad, "nf_conntrack\n"}, {"cmdline", "modprobe.blacklist=x,nf_conntrack"}},
             kTooLate},
        Tree{
            "AsADependencyEvenIfDenied",
            {{kLoad, "nf_nat\n"}, {kModulesDep, kModules}, {kModprobe, "blacklist nf_conntrack\n"}},
            kInTime},
        Tree{"NotByADependentThatIsDenied",
             {{kLoad, "nf_nat\n"}, {kModulesDep, kModules}, {kModprobe, "blacklist nf_nat\n"}},
             kTooLate},
        Tree{"NotEvenAsADependencyIfForbidden",
             {{kLoad, "nf_nat\n"},
              {kModulesDep, kModules},
              {"cmdline", "module_blacklist=nf_conntrack"}},
             kTooLate},
        Tree{"NotIfItsInstallLineLoadsNothing",
             {{kLoad, "nf_conntrack\n"}, {kModprobe, "install nf_conntrack /bin/false\n"}},
             kTooLate},
        Tree{"NotIfWhatItNeedsIsNotLoaded",
             {{kLoad, "nf_conntrack\n"},
              {kModulesDep, kModules},
              {kModprobe, "install nf_defrag_ipv4 /usr/bin/true\n"}},
             kTooLate},
        Tree{"PerhapsByAnInstallLine",
             {{kLoad, "nf_conntrack\n"},
              {kModprobe, "install nf_conntrack /usr/local/sbin/load-it\n"}},
             "unknown unknown_writer /etc/modprobe.d/nf.conf:1"},
        Tree{"PerhapsByAnAliasOfModprobe",
             {{kLoad, "firewall\n"}, {kModprobe, "alias firewall nf_conntrack\n"}},
             "unknown unknown_load /etc/modules-load.d/nf.conf:1"},
        Tree{"PerhapsByASoftDependency",
             {{kLoad, "tun\n"},
              {kModulesDep, kModules},
              {kModprobe, "softdep tun pre: nf_conntrack\n"}},
             "unknown unknown_load /etc/modules-load.d/nf.conf:1"},
        Tree{"PerhapsByTheInitramfs",
             {{"/etc/initramfs-tools/modules", "# nf_conntrack\nnf_conntrack\n"}},
             "unknown unknown_load /etc/initramfs-tools/modules:2"},
        Tree{"PerhapsByDracut",
             {{"/etc/dracut.conf.d/nf.conf", "add_drivers+=\" nf_conntrack \"\n"}},
             "unknown unknown_load /etc/dracut.conf.d/nf.conf:1"},
        Tree{"InAnyCaseWhateverTheInitramfsDoes",
             {{"/etc/mkinitcpio.conf", "MODULES=(nf_conntrack)\n"}, {kLoad, "nf_conntrack\n"}},
             kInTime},
        Tree{"PerhapsByAFirewallThatDoesNotWait",
             {{"/etc/systemd/system/sysinit.target.wants/nftables.service",
               "[Unit]\nDefaultDependencies=no\n"}},
             "unknown unknown_load /etc/systemd/system/sysinit.target.wants/nftables.service"},
        Tree{"NotByAFirewallThatWaits",
             {{"/etc/systemd/system/multi-user.target.wants/nftables.service", "[Unit]\n"}},
             kTooLate}),
    NameOf);

INSTANTIATE_TEST_SUITE_P(
    Commands, BootTree,
    testing::Values(
        Tree{"ARuleCarriesTheFilesOut",
             {{kRules,
               std::string(kAsRule) + "\"/lib/systemd/systemd-sysctl --prefix=/net/netfilter\"\n"}},
             "kept 500000 /etc/sysctl.d/a.conf:1 udev"},
        Tree{"APrefixIsOfTheKeyAsTheLineNamesIt",
             {{kRules,
               std::string(kAsRule) + "\"/lib/systemd/systemd-sysctl --prefix=/net/netfilter\"\n"},
              {"/etc/sysctl.d/a.conf", "net.nf_conntrack_max = 500000\n"}},
             kTooLate},
        Tree{"AGlobIsWrittenBelowThePrefix",
             {{kRules,
               std::string(kAsRule) + "\"/lib/systemd/systemd-sysctl --prefix=/net/netfilter\"\n"},
              {"/etc/sysctl.d/a.conf", "net.*.nf_conntrack_max = 500000\n"}},
             "kept 500000 /etc/sysctl.d/a.conf:1 udev"},
        Tree{"ARuleOfOtherDevicesDoesNot",
             {{"/usr/lib/udev/rules.d/99-systemd.rules",
               "SUBSYSTEM==\"net\", RUN+=\"/lib/systemd/systemd-sysctl "
               "--prefix=/net/ipv4/conf/$name --prefix=/net/ipv4/neigh/$name\"\n"}},
             kTooLate},
        Tree{"ARuleOfOtherDevicesMay",
             {{kRules, "SUBSYSTEM==\"net\", RUN+=\"/lib/systemd/systemd-sysctl --prefix=/net\"\n"}},
             "unknown unknown_writer /etc/udev/rules.d/60.rules:1"},
        Tree{
            "ARuleWithAConditionMay",
            {{kRules, "KERNEL==\"nf_conntrack\", ENV{x}==\"y\", RUN+=\"/sbin/sysctl --system\"\n"}},
            "unknown unknown_writer /etc/udev/rules.d/60.rules:1"},
        Tree{"ARuleForAPrefixOfTheDevice",
             {{kRules, std::string(kAsRule) +
                           "\"/lib/systemd/systemd-sysctl --prefix=net/netfilter/%k_max\"\n"}},
             "unknown unknown_writer /etc/udev/rules.d/60.rules:1"},
        Tree{"ARuleThatReplacesWhatOthersRun",
             {{kRules, std::string(kAsRule) + "\"/sbin/sysctl --system\"\n"},
              {"/etc/udev/rules.d/70.rules", "KERNEL==\"nf_*\", RUN=\"/bin/true\"\n"}},
             "unknown unknown_writer /etc/udev/rules.d/70.rules:1"},
        Tree{"ARuleAfterOneThatIsFinal",
             {{kRules, "KERNEL==\"nf_conntrack\", RUN:=\"/bin/true\"\n"},
              {"/etc/udev/rules.d/70.rules", std::string(kAsRule) + "\"/sbin/sysctl --system\"\n"}},
             "unknown unknown_writer /etc/udev/rules.d/60.rules:1"},
        Tree{"ARuleAfterAJump",
             {{kRules,
               "SUBSYSTEM!=\"module\", GOTO=\"end\"\nKERNEL==\"nf_conntrack\", "
               "RUN+=\"/sbin/sysctl --system\"\nLABEL=\"end\"\n"}},
             "unknown unknown_writer /etc/udev/rules.d/60.rules:2"},
        Tree{"ARuleWithAShell",
             {{kRules, std::string(kAsRule) +
                           "\"/bin/sh -c 'sysctl -w net.netfilter.nf_conntrack_max=500000'\"\n"}},
             "kept 500000 /etc/udev/rules.d/60.rules:1 udev"},
        Tree{"ARuleThatWritesASysctl",
             {{kRules, "KERNEL==\"nf_conntrack\", SYSCTL{net/nf_conntrack_max}=\"500000\"\n"}},
             "kept 500000 /etc/udev/rules.d/60.rules:1 udev"},
        Tree{"ARuleWithAProgram",
             {{kRules, std::string(kAsRule) + "\"/usr/local/sbin/tune\"\n"}},
             "unknown unknown_writer /etc/udev/rules.d/60.rules:1"},
        Tree{"ARuleWithAScriptForAnotherSetting",
             {{kRules, std::string(kAsRule) +
                           "\"/bin/sh -c 'sysctl net.netfilter.nf_conntrack_acct=$(cat /x)'\"\n"}},
             kTooLate},
        Tree{"ARuleWithAProgramWithoutItsPath",
             {{kRules, std::string(kAsRule) + "\"sysctl --system\"\n"}},
             "unknown unknown_writer /etc/udev/rules.d/60.rules:1"},
        Tree{"ARuleWithAProgramOfUdev",
             {{kRules, std::string(kAsRule) + "\"tune\"\n"}},
             "unknown unknown_writer /etc/udev/rules.d/60.rules:1"},
        Tree{"ARuleThatIsMasked",
             {{kRules, ""},
              {"/usr/lib/udev/rules.d/60.rules",
               std::string(kAsRule) + "\"/sbin/sysctl --system\"\n"}},
             kTooLate},
        Tree{"AnInstallLineOfItsOwn",
             {{kModprobe,
               "install nf_conntrack /sbin/modprobe --ignore-install nf_conntrack $CMDLINE_OPTS && "
               "/sbin/sysctl -w net.netfilter.nf_conntrack_max=500000\n"}},
             "kept 500000 /etc/modprobe.d/nf.conf:1 modprobe"},
        Tree{"OnlyTheFirstInstallLine",
             {{kModprobe,
               "install nf_* modprobe -i nf_conntrack\n"
               "install nf_conntrack modprobe -i nf_conntrack; sysctl --system\n"}},
             kTooLate},
        Tree{
            "ThatOfFirewalld",
            {{"/etc/modprobe.d/firewalld-sysctls.conf",
              "install nf_conntrack /usr/sbin/modprobe --ignore-install nf_conntrack $CMDLINE_OPTS "
              "&& /usr/sbin/sysctl --quiet --pattern 'net[.]netfilter[.]nf_conntrack.*' "
              "--system\n"}},
            "kept 500000 /etc/sysctl.d/a.conf:1 modprobe"},
        Tree{
            "ThatOfFirewalldWithTheOtherKey",
            {{"/etc/modprobe.d/firewalld-sysctls.conf",
              "install nf_conntrack /usr/sbin/modprobe --ignore-install nf_conntrack $CMDLINE_OPTS "
              "&& /usr/sbin/sysctl --quiet --pattern 'net[.]netfilter[.]nf_conntrack.*' "
              "--system\n"},
             {"/etc/sysctl.d/a.conf", "net.nf_conntrack_max = 500000\n"}},
            kTooLate},
        Tree{
            "AnInstallLineWithAFileOfItsOwn",
            {{kModprobe, "install nf_conntrack modprobe -i nf_conntrack; sysctl -p /etc/nf.conf\n"},
             {"/etc/nf.conf", "\nnet.nf_conntrack_max=500000\n"}},
            "kept 500000 /etc/nf.conf:2 modprobe"},
        Tree{"AnInstallLineWithAFileThatIsNotThere",
             {{kModprobe,
               "install nf_conntrack modprobe -i nf_conntrack; sysctl -p /etc/nf.conf\n"}},
             "unknown unreadable_file /etc/modprobe.d/nf.conf:1"},
        Tree{"AnInstallLineOfAnotherModule",
             {{kModprobe, "install nf_nat modprobe -i nf_nat; sysctl --system\n"}},
             "unknown unknown_writer /etc/modprobe.d/nf.conf:1"},
        Tree{"InOrder",
             {{kLoad, "nf_conntrack\n"},
              {kModprobe,
               "install nf_conntrack modprobe -i nf_conntrack; sysctl net.nf_conntrack_max=9\n"}},
             kInTime},
        Tree{"InAnyOrder",
             {{kLoad, "nf_conntrack\n"},
              {kRules, std::string(kAsRule) + "\"/sbin/sysctl net.nf_conntrack_max=9\"\n"}},
             "unknown unknown_writer /etc/udev/rules.d/60.rules:1"},
        Tree{"InAnyOrderToTheSameEnd",
             {{kLoad, "nf_conntrack\n"},
              {kRules, std::string(kAsRule) + "\"/sbin/sysctl net.nf_conntrack_max=500000\"\n"}},
             "kept 500000 /etc/udev/rules.d/60.rules:1 udev"},
        Tree{"TheSameFilesTwice",
             {{kLoad, "nf_conntrack\n"},
              {kRules,
               std::string(kAsRule) + "\"/lib/systemd/systemd-sysctl --prefix=/net/netfilter\"\n"}},
             kInTime}),
    NameOf);

INSTANTIATE_TEST_SUITE_P(
    Values, BootTree,
    testing::Values(
        Tree{"TheLastFileWins",
             {{kLoad, "nf_conntrack\n"}, {"/usr/lib/sysctl.d/b.conf", "net.nf_conntrack_max=9\n"}},
             "value_differs 9 /usr/lib/sysctl.d/b.conf:1 systemd-sysctl"},
        Tree{"AMaskedFileDoesNot",
             {{kLoad, "nf_conntrack\n"},
              {"/etc/sysctl.d/b.conf", ""},
              {"/usr/lib/sysctl.d/b.conf", "net.nf_conntrack_max=9\n"}},
             kInTime},
        Tree{"Nonsense",
             {{"/etc/sysctl.d/a.conf", "net.nf_conntrack_max=1M\n"}, {kLoad, "nf_conntrack\n"}},
             "invalid_value - /etc/sysctl.d/a.conf:1 systemd-sysctl"},
        Tree{"TheCommandLineIsTooEarlyForAModule",
             {{"cmdline", "sysctl.net.nf_conntrack_max=500000"},
              {"/etc/sysctl.d/a.conf", ""},
              {kLoad, "nf_conntrack\n"}},
             "before_module 500000 /proc/cmdline kernel command line"},
        Tree{"SysctlConfIsNotReadBySystemd",
             {{"/etc/sysctl.conf", kSet}, {"/etc/sysctl.d/a.conf", ""}, {kLoad, "nf_conntrack\n"}},
             "not_applied_at_boot - /etc/sysctl.conf:1 -"},
        Tree{"AHashSizeMakesTheLimit",
             {{kModprobe, "options nf_conntrack hashsize=62500\n"}, {"/etc/sysctl.d/a.conf", ""}},
             "value_differs 503808 /etc/modprobe.d/nf.conf:1 modprobe"},
        Tree{"ThatOfTheCommandLineIsLast",
             {{kModprobe, "options nf-conntrack acct=1 hashsize=1\n"},
              {"cmdline", "nf_conntrack.hashsize=512 nf_conntrack.hashsize=1024"},
              {"/etc/sysctl.d/a.conf", ""}},
             "value_differs 8192 /proc/cmdline kernel command line"},
        Tree{"ByHand", {{"/etc/sysctl.d/a.conf", ""}}, "not_set - - -"}),
    NameOf);

TEST_F(PersistenceTest, AMillionByHandIsNoDefaultOfThisKernel) {
  for (const auto* value : {"1048576", "2097152", "65536"}) {
    host_.Runs(kMax, value);
    EXPECT_EQ(Verdict(), "not_set - - -") << value;
  }
  host_.Runs(kMax, "262144");
  EXPECT_EQ(Verdict(), "kept - - -");
  // Without the limit on chains four times the buckets are the default, by release only 5.15 is.
  host_.Proc("net/stat/nf_conntrack", "entries clashres found\n");
  host_.Runs(kBuckets, "65536");
  EXPECT_EQ(Verdict(kBuckets), "kept - - -");
}

TEST_F(PersistenceTest, WhatIsBuiltInIsThereFromTheStart) {
  std::filesystem::remove(host_.sys().root() / "module/nf_conntrack/initstate");
  host_.File("/etc/sysctl.d/a.conf", kSet);
  EXPECT_EQ(Verdict(), kInTime);
  host_.File("/etc/sysctl.d/a.conf", "").Proc("cmdline", "sysctl.net.nf_conntrack_max=500000\n");
  EXPECT_EQ(Verdict(), "kept 500000 /proc/cmdline kernel command line");
  host_.File(kModprobe, "options nf_conntrack hashsize=1\n");
  EXPECT_EQ(Verdict(kBuckets), "not_applied_at_boot - /etc/modprobe.d/nf.conf:1 modprobe");
  host_.Proc("sys/kernel/osrelease", "5.7.19\n");
  EXPECT_EQ(Verdict(), "not_set - - -") << "such kernels take no sysctls from their command line";
}

TEST_F(PersistenceTest, WithoutSysfsTheListOfBuiltinsDecides) {
  std::filesystem::remove_all(host_.sys().root() / "module");
  host_.File("/etc/sysctl.d/a.conf", kSet);
  EXPECT_EQ(Verdict(), "unknown unknown_load -");
  host_.File("/lib/modules/6.1.0-18-amd64/modules.builtin", "kernel/net/netfilter/x.ko\n");
  EXPECT_EQ(Verdict(), kTooLate);
  host_.File("/lib/modules/6.1.0-18-amd64/modules.builtin", "k/nf_conntrack.ko\n");
  EXPECT_EQ(Verdict(), kInTime);
}

TEST_F(PersistenceTest, MembersThatHoldTheModuleBringIt) {
  host_.File("/etc/sysctl.d/a.conf", kSet).File(kLoad, "xt_conntrack\n");
  std::filesystem::create_directories(host_.sys().root() /
                                      "module/nf_conntrack/holders/xt_conntrack");
  EXPECT_EQ(Verdict(), kInTime);
}

TEST_F(PersistenceTest, FilesThatCannotBeReadAreDoubtsAboutWhatNoLaterFileSets) {
  host_.Link("/etc/sysctl.d/b.conf", "/nowhere").File(kLoad, "nf_conntrack\n");
  EXPECT_EQ(Verdict(), "unknown unreadable_file /etc/sysctl.d/b.conf");
  host_.File("/etc/sysctl.d/a.conf", kSet);
  EXPECT_EQ(Verdict(), "unknown unreadable_file /etc/sysctl.d/b.conf");
  host_.File("/etc/sysctl.d/a.conf", "net.nf_conntrack_max=9\n").File("/etc/sysctl.d/c.conf", kSet);
  EXPECT_EQ(Verdict(), "kept 500000 /etc/sysctl.d/c.conf:1 systemd-sysctl");
  host_.Link("/etc/modprobe.d/x.conf", "/nowhere");
  EXPECT_EQ(Verdict(), "unknown unreadable_file /etc/modprobe.d/x.conf");
}

TEST_F(PersistenceTest, ALinkToNothingInAFolderThatIsThereSetsNothing) {
  host_.File("/etc/sysctl.d/a.conf", kSet).File(kLoad, "nf_conntrack\n");
  host_.Link("/etc/sysctl.d/b.conf", "/etc/missing").Link("/etc/sysctl.d/c.conf", "b.conf");
  host_.Link("/etc/modules-load.d/x.conf", "../missing").Link("/etc/modprobe.d/x.conf", "x");
  EXPECT_EQ(Verdict(), kInTime);
  host_.File("/usr/lib/sysctl.d/b.conf", "net.nf_conntrack_max=9\n");
  EXPECT_EQ(Verdict(), "unknown unreadable_file /etc/sysctl.d/b.conf") << "it may replace that";
}

TEST_F(PersistenceTest, FilesBelowRunAreOfThisBootOnly) {
  host_.File("/etc/modules-load.d/nf.conf", "nf_conntrack\n")
      .File("/run/sysctl.d/b.conf", kSet)
      .File("/run/sysctl.d/c.conf", "net.ipv4.ip_forward = 1\n");
  EXPECT_EQ(Verdict(), "unknown unknown_writer /run/sysctl.d/b.conf");
  EXPECT_EQ(Verdict(kEstablished), "kept - - -");
}

TEST_F(PersistenceTest, AnInitramfsMayGiveParameters) {
  host_.Runs(kMax, "262144").File("/etc/initramfs-tools/modules", "nf_conntrack hashsize=8192\n");
  EXPECT_EQ(Verdict(), "unknown unknown_load /etc/initramfs-tools/modules:1");
}

TEST_F(PersistenceTest, KernelsDifferInWhatTheyMakeOfNegativeNumbers) {
  host_.File("/etc/modules-load.d/nf.conf", "nf_conntrack\n")
      .File("/etc/sysctl.d/a.conf", "net.nf_conntrack_max = 0\n" + std::string("net.netfilter.") +
                                        kEstablished + " = -1\n");
  EXPECT_EQ(Verdict(), "unknown unknown_writer /etc/sysctl.d/a.conf:1");
  EXPECT_EQ(Verdict(kEstablished), "unknown unknown_writer /etc/sysctl.d/a.conf:2");
}

TEST_F(PersistenceTest, APatternBelowRunMaySetAnything) {
  host_.Runs(kMax, "500000")
      .File(kLoad, "nf_conntrack\n")
      .File("/run/sysctl.d/a.conf", "net.netfilter.* = 500000\n");
  EXPECT_EQ(Verdict(), "unknown unknown_writer /run/sysctl.d/a.conf");
}

TEST_F(PersistenceTest, OneOfTwoDefaultsMayBeSetByHand) {
  host_.Proc("meminfo", "MemTotal:       4194304 kB\n");
  for (const auto* value : {"65536", "262144"}) {
    host_.Runs(kMax, value);
    EXPECT_EQ(Verdict(), "unknown unknown_default -") << value;
  }
  host_.Runs(kMax, "131072");
  EXPECT_EQ(Verdict(), "not_set - - -");
}

TEST_F(PersistenceTest, NegativeValuesThatRunAreJudged) {
  host_.Runs("nf_conntrack_generic_timeout", "-1");
  EXPECT_EQ(Verdict("nf_conntrack_generic_timeout"), "not_set - - -");
  host_.File(kLoad, "nf_conntrack\n")
      .File("/etc/sysctl.d/a.conf", "net.netfilter.nf_conntrack_generic_timeout = -1\n");
  EXPECT_EQ(Verdict("nf_conntrack_generic_timeout"),
            "unknown unknown_writer /etc/sysctl.d/a.conf:1");
}

TEST_F(PersistenceTest, AFileOfADistributionMaySetItWhereThoseAreNotMounted) {
  host_.Runs(kMax, "500000");
  std::filesystem::remove_all(host_.path() / "usr");
  EXPECT_EQ(Verdict(), "unknown unreadable_file /usr/lib");
  std::filesystem::create_directory(host_.path() / "nix");
  EXPECT_EQ(Verdict(), "not_set - - -");
}

TEST_F(PersistenceTest, MaskedUnitsMayNotDoWhatThoseOfSystemdDo) {
  host_.File("/etc/modules-load.d/nf.conf", "nf_conntrack\n").File("/etc/sysctl.d/a.conf", kSet);
  const auto kept = Verdict();
  host_.Proc("cmdline", "quiet systemd.mask=systemd-modules-load.service\n");
  EXPECT_EQ(Verdict(), "unknown unknown_load /proc/cmdline");
  host_.Proc("cmdline", "quiet\n");
  EXPECT_EQ(Verdict(), kept);
  host_.File("/etc/systemd/system/systemd-sysctl.service", "");
  EXPECT_EQ(Verdict(), "unknown unknown_writer /etc/systemd/system/systemd-sysctl.service");
}

TEST_F(PersistenceTest, WithoutSystemdTheOrderIsNotKnown) {
  std::filesystem::remove(host_.path() / "usr/lib/systemd/systemd");
  host_.File("/etc/modules", "nf_conntrack\n").File("/etc/sysctl.conf", kSet);
  EXPECT_EQ(Verdict(), "unknown unknown_load -");
  EXPECT_EQ(Verdict(kBuckets), "kept - - -") << "in every order";
  host_.Proc("1/comm", "systemd\n");
  EXPECT_EQ(Verdict(), "not_applied_at_boot - /etc/sysctl.conf:1 -");
}

TEST_F(PersistenceTest, BeforeLinux419TimeoutsComeWithAnotherModule) {
  host_.Proc("sys/kernel/osrelease", "3.10.0-1160.el7.x86_64\n")
      .Runs(kEstablished, "7200")
      .Runs("nf_conntrack_sctp_timeout_closed", "11")
      .Runs("nf_conntrack_generic_timeout", "601")
      .File("/usr/lib/modules/3.10.0-1160.el7.x86_64/modules.dep",
            "k/nf_conntrack.ko.xz:\nk/nf_conntrack_ipv4.ko.xz: k/nf_conntrack.ko.xz\n")
      .File("/etc/sysctl.d/a.conf",
            std::string(kSet) +
                "net.netfilter.nf_conntrack_tcp_timeout_established = 7200\n"
                "net.netfilter.nf_conntrack_sctp_timeout_closed = 11\n"
                "net.netfilter.nf_conntrack_generic_timeout = 601\n")
      .File(kLoad, "nf_conntrack\n");
  EXPECT_EQ(Verdict(), kInTime);
  EXPECT_EQ(Verdict("nf_conntrack_generic_timeout"),
            "kept 601 /etc/sysctl.d/a.conf:4 systemd-sysctl");
  EXPECT_EQ(Verdict(kEstablished), "before_module 7200 /etc/sysctl.d/a.conf:2 systemd-sysctl");
  EXPECT_EQ(Verdict("nf_conntrack_sctp_timeout_closed"), "unknown unknown_load -");
  host_.File(kLoad, "nf_conntrack_ipv4\n");
  EXPECT_EQ(Verdict(), kInTime);
  EXPECT_EQ(Verdict(kEstablished), "kept 7200 /etc/sysctl.d/a.conf:2 systemd-sysctl");
}

TEST_F(PersistenceTest, OldNamesAreTheSameSettingsWhereTheKernelHasThem) {
  host_.File(kLoad, "nf_conntrack\n")
      .File("/etc/sysctl.d/a.conf", "net.ipv4.netfilter.ip_conntrack_max = 500000\n");
  EXPECT_EQ(Verdict(), "not_set - - -");
  host_.Proc("sys/net/ipv4/netfilter/ip_conntrack_max", "500000\n");
  EXPECT_EQ(Verdict(), kInTime);
}

TEST_F(PersistenceTest, BucketsAreAParameterOnlyBeforeLinux49) {
  host_.Proc("sys/kernel/osrelease", "4.4.0-210-generic\n")
      .Proc("net/stat/nf_conntrack", "entries searched found\n")
      .Runs(kBuckets, "65536")
      .File(kLoad, "nf_conntrack\n")
      .File("/etc/sysctl.d/a.conf", "net.netfilter.nf_conntrack_buckets = 131072\n");
  EXPECT_EQ(Verdict(kBuckets), "read_only 131072 /etc/sysctl.d/a.conf:1 systemd-sysctl");
  host_.File(kModprobe, "options nf_conntrack hashsize=65536\n");
  EXPECT_EQ(Verdict(kBuckets), "kept 65536 /etc/modprobe.d/nf.conf:1 modprobe");
  host_.Proc("sys/kernel/osrelease", "4.9.0\n");
  EXPECT_EQ(Verdict(kBuckets), "value_differs 131072 /etc/sysctl.d/a.conf:1 systemd-sysctl");
}

TEST_F(PersistenceTest, ParametersOfTheModuleAreSettingsToo) {
  host_.Runs("nf_conntrack_acct", "1")
      .Runs("nf_conntrack_timestamp", "1")
      .Runs("nf_conntrack_expect_max", "4096");
  EXPECT_EQ(Verdict("nf_conntrack_acct"), "unknown unknown_default -") << "rules may turn it on";
  EXPECT_EQ(Verdict("nf_conntrack_timestamp"), "not_set - - -");
  host_.File(kModprobe, "options nf_conntrack acct=1 tstamp=Y expect_hashsize=\"512\"\n");
  EXPECT_EQ(Verdict("nf_conntrack_acct"), "kept 1 /etc/modprobe.d/nf.conf:1 modprobe");
  EXPECT_EQ(Verdict("nf_conntrack_timestamp"), "kept 1 /etc/modprobe.d/nf.conf:1 modprobe");
  EXPECT_EQ(Verdict("nf_conntrack_expect_max"),
            "value_differs 2048 /etc/modprobe.d/nf.conf:1 modprobe");
}

TEST_F(PersistenceTest, AHashSizeThatIsNoneIsNamedOnce) {
  host_.File(kModprobe, "options nf_conntrack hashsize=many\n").Runs(kMax, "262144");
  EXPECT_EQ(Verdict(kBuckets), "invalid_value - /etc/modprobe.d/nf.conf:1 modprobe");
  EXPECT_EQ(Of(kBuckets).problem, "\"many\" is not a number");
  EXPECT_EQ(Verdict(), "kept - - -");
}

TEST_F(PersistenceTest, WhatALineInVainLeavesIsKnown) {
  host_.File("/etc/sysctl.d/a.conf", kSet);
  EXPECT_EQ(Of(kMax).left, 262'144);
}

TEST_F(PersistenceTest, ASettingOfAnotherKernelHasAnUnknownDefault) {
  host_.Runs("nf_conntrack_of_the_future", "1");
  EXPECT_EQ(Verdict("nf_conntrack_of_the_future"), "unknown unknown_default -");
}

class LateWriters : public PersistenceTest {
 protected:
  /// The verdict on the limit where `writers` come last.
  std::string After(std::vector<BootWriter> writers) {
    BootConfig boot;
    boot.module = ModuleKind::kBuiltin;
    boot.files.AddFile("/etc/sysctl.d/a.conf", kSet);
    boot.late = std::move(writers);
    RunningKernel running;
    running.settings = {
        {kMax, running_, {"net/netfilter/nf_conntrack_max", "net/nf_conntrack_max"}}};
    const auto result = ComparePersistence(boot, running).at(0);
    if (result.doubt) return "unknown " + result.doubt->reason + " " + result.managed_by;
    return std::string(result.drift ? ToString(*result.drift) : "kept") + " " +
           std::to_string(result.at_boot.value_or(-1)) + " " + result.managed_by;
  }

  static SysctlAssignment Sets(const char* value, bool at_least = false) {
    return {"net/nf_conntrack_max", value, {"/etc/x", 1}, at_least};
  }

  std::int64_t running_ = 500'000;
};

TEST_F(LateWriters, HaveTheLastWord) {
  EXPECT_EQ(After({}), "kept 500000 systemd-sysctl");
  EXPECT_EQ(After({{"ufw", {Sets("9")}, {}, false, true, {}}}), "value_differs 9 ufw");
  EXPECT_EQ(After({{"ufw", {Sets("9")}, {}, false, true, {}},
                   {"kube-proxy", {Sets("500000")}, {}, false, true, {}}}),
            "kept 500000 kube-proxy");
}

TEST_F(LateWriters, MayOnlyRaise) {
  EXPECT_EQ(After({{"tuned", {Sets("9", true)}, {}, false, true, {}}}),
            "kept 500000 systemd-sysctl");
  running_ = 900'000;
  EXPECT_EQ(After({{"tuned", {Sets("900000", true)}, {}, false, true, {}}}), "kept 900000 tuned");
  EXPECT_EQ(After({{"kube-proxy", {Sets("9", true)}, {}, false, true, "it may lower it"}}),
            "unknown it may lower it kube-proxy");
}

TEST_F(LateWriters, ThatMayLowerAreInDoubtOnlyAboveTheirValue) {
  running_ = 500'000;
  EXPECT_EQ(After({{"kube-proxy", {Sets("500000", true)}, {}, false, true, "it may lower it"}}),
            "kept 500000 systemd-sysctl");
  running_ = 900'000;
  EXPECT_EQ(After({{"kube-proxy", {Sets("900000", true)}, {}, false, true, "it may lower it"}}),
            "kept 900000 kube-proxy");
}

TEST_F(PersistenceTest, KubeProxyThatLoweredTheDefaultDoesSoAgain) {
  host_.Sys("devices/system/cpu/online", "0-1\n").Proc("2/comm", "kthreadd\n");
  host_.Proc("77/comm", "kube-proxy\n").Proc("77/cmdline", "kube-proxy");
  host_.Runs(kMax, "131072");
  EXPECT_EQ(Verdict(), "kept 131072 process kube-proxy kube-proxy");
  // One that only raises would leave the default.
  host_.Runs(kMax, "262144");
  EXPECT_EQ(Verdict(), "unknown unknown_writer process kube-proxy");
  // A file that may be newer than its start.
  host_.Runs(kMax, "131072");
  host_.File("/etc/sysctl.d/a.conf", kSet).File(kLoad, "nf_conntrack\n");
  EXPECT_EQ(Verdict(), "unknown unknown_writer process kube-proxy");
}

TEST_F(LateWriters, MayBeDoubts) {
  const BootDoubt any{{"/etc/rc.local", 3}, "a script", {}};
  const BootDoubt other{{"/etc/rc.local", 3}, "a script", {"nf_conntrack_acct"}};
  EXPECT_EQ(After({{"rc.local", {}, {any}, false, true, {}}}), "unknown a script rc.local");
  EXPECT_EQ(After({{"rc.local", {}, {other}, false, true, {}}}), "kept 500000 systemd-sysctl");
  EXPECT_EQ(After({{"rc.local", {}, {any}, false, true, {}},
                   {"ufw", {Sets("500000")}, {}, false, true, {}}}),
            "kept 500000 ufw");
  // What only raises it says nothing of what it was before.
  EXPECT_EQ(After({{"rc.local", {}, {any}, false, true, {}},
                   {"tuned", {Sets("9", true)}, {}, false, true, {}}}),
            "unknown a script rc.local");
}

TEST_F(PersistenceTest, AProgramThatDoesNotLoadTheModuleMayComeTooEarly) {
  host_.File("/etc/tuned/active_profile", "own\n")
      .File("/etc/systemd/system/multi-user.target.wants/tuned.service", "")
      .File("/etc/tuned/own/tuned.conf", "[sysctl]\nnet.netfilter.nf_conntrack_max=500000\n");
  EXPECT_EQ(Verdict(), "unknown unknown_load /etc/tuned/own/tuned.conf:2");
  host_.File(kLoad, "nf_conntrack\n");
  EXPECT_EQ(Verdict(), "kept 500000 /etc/tuned/own/tuned.conf:2 tuned");
}

TEST_F(LateWriters, MayApplyTheFilesOnceMore) {
  EXPECT_EQ(After({{"ufw", {Sets("9")}, {}, false, true, {}}, {"tuned", {}, {}, true, true, {}}}),
            "kept 500000 tuned");
}

using testing::ElementsAre;
using testing::HasSubstr;

class PersistenceReaderTest : public testing::Test {
 protected:
  PersistenceReaderTest() {
    host_.BuiltIn()
        .Runs("nf_conntrack_count", "5")
        .Runs("nf_conntrack_max", "262144")
        .Runs("nf_conntrack_buckets", "262144")
        .Runs("nf_conntrack_udp_timeout", "30")
        .Runs("nf_conntrack_frag6_timeout", "61")
        .Runs("nf_hooks_lwtunnel", "0")
        .Proc("meminfo", "MemTotal:       16389900 kB\n");
  }

  Result<PersistenceReport> Read() {
    return ReadPersistence(host_.root(), host_.proc(), host_.sys());
  }

  std::vector<std::string> Drifts() {
    std::vector<std::string> drifts;
    const auto report = Read().value();
    for (const auto& setting : report.settings) {
      if (setting.drift) {
        drifts.push_back(setting.name + " " + std::string(ToString(*setting.drift)) + " " +
                         (setting.source ? setting.source->ToString() : "-"));
      }
    }
    return drifts;
  }

  test::HostTree host_;
};

TEST_F(PersistenceReaderTest, EverySettingOfConntrackIsThereAndNothingElse) {
  std::vector<std::string> names;
  const auto report = Read().value();
  for (const auto& setting : report.settings) names.push_back(setting.name);
  EXPECT_THAT(names,
              ElementsAre("nf_conntrack_buckets", "nf_conntrack_max", "nf_conntrack_udp_timeout"));
}

TEST_F(PersistenceReaderTest, FilesAndRunningValuesAreCompared) {
  host_.File("/usr/lib/sysctl.d/50-vendor.conf", "net.netfilter.nf_conntrack_max = 1\n")
      .File("/etc/sysctl.d/90-ours.conf", "\nnet.netfilter.nf_conntrack_max = 500000\n")
      .Proc("sys/net/nf_conntrack_max", "262144\n");
  EXPECT_THAT(Drifts(), ElementsAre("nf_conntrack_max value_differs /etc/sysctl.d/90-ours.conf:2"));
}

TEST_F(PersistenceReaderTest, TheSilentFailureIsCaught) {
  host_.Loadable()
      .File("/etc/sysctl.d/90-ours.conf", "net.netfilter.nf_conntrack_max = 262144\n")
      .Proc("sys/net/nf_conntrack_max", "262144\n");
  EXPECT_THAT(Drifts(), ElementsAre("nf_conntrack_max before_module /etc/sysctl.d/90-ours.conf:1"));
  host_.File("/etc/modules-load.d/conntrack.conf", "nf_conntrack\n");
  EXPECT_THAT(Drifts(), ElementsAre());
}

TEST_F(PersistenceReaderTest, WhoseNamespaceThisIsDecidesAboutTimeouts) {
  host_.File("/etc/sysctl.d/a.conf", "net.netfilter.nf_conntrack_udp_timeout = 31\n");
  EXPECT_FALSE(Read()->boot_namespace);  // nothing says that it is
  host_.Proc("2/comm", "kthreadd\n");    // process 1 is the host's
  EXPECT_THAT(Drifts(), ElementsAre());

  const auto link = [this](const char* path, const char* target) {
    std::filesystem::create_directories((host_.proc().root() / path).parent_path());
    std::filesystem::create_symlink(target, host_.proc().root() / path);
  };
  link("self/ns/net", "net:[4026531840]");
  link("1/ns/net", "net:[4026531840]");
  EXPECT_TRUE(Read()->boot_namespace);
  EXPECT_THAT(Drifts(),
              ElementsAre("nf_conntrack_udp_timeout value_differs /etc/sysctl.d/a.conf:1"));
  std::filesystem::remove(host_.proc().root() / "1/ns/net");
  link("1/ns/net", "net:[4026531999]");
  EXPECT_FALSE(Read()->boot_namespace);
  host_.Proc("sys/net/nf_conntrack_max", "262144\n");
  EXPECT_TRUE(Read()->boot_namespace);
}

TEST_F(PersistenceReaderTest, WithoutTheRightToSeeTheLinkTheFilesOfTheNamespaceDecide) {
  host_.File("/etc/sysctl.d/a.conf", "net.netfilter.nf_conntrack_udp_timeout = 31\n");
  host_.Proc("2/comm", "kthreadd\n").Proc("self/net/dev", "").Proc("1/net/dev", "");
  EXPECT_FALSE(Read()->boot_namespace);
  const auto root = host_.proc().root();
  std::filesystem::remove(root / "1/net/dev");
  std::filesystem::create_hard_link(root / "self/net/dev", root / "1/net/dev");
  EXPECT_TRUE(Read()->boot_namespace);
}

TEST_F(PersistenceReaderTest, WithoutConntrackOrBootFilesThereIsNothingToCompare) {
  test::HostTree unloaded;
  EXPECT_EQ(ReadPersistence(unloaded.root(), unloaded.proc(), unloaded.sys()).error().kind,
            ErrorKind::kAbsent);
  const auto nowhere = KernelFiles(host_.path() / "nowhere");
  const auto report = ReadPersistence(nowhere, host_.proc(), host_.sys());
  ASSERT_FALSE(report.has_value());
  EXPECT_EQ(report.error().kind, ErrorKind::kAbsent);
  EXPECT_THAT(report.error().remedy, HasSubstr("--path.rootfs"));
}

TEST_F(PersistenceReaderTest, TheFileSystemOfAContainerIsNotThatOfTheHost) {
  std::filesystem::create_directories(host_.proc().root() / "self/ns");
  std::filesystem::create_symlink("pid:[4026532456]", host_.proc().root() / "self/ns/pid");
  const auto why = CheckBootFiles(KernelFiles("/"), host_.proc());
  ASSERT_TRUE(why.has_value());
  EXPECT_THAT(why->remedy, HasSubstr("--path.rootfs"));
  EXPECT_FALSE(CheckBootFiles(host_.root(), host_.proc()).has_value());  // mounted by intent
}

}  // namespace
}  // namespace conntrack::kernel
