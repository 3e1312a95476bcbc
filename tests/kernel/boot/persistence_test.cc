#include "kernel/boot/persistence.h"

#include <gmock/gmock.h>

#include "tests/support/host_tree.h"

namespace conntrack::kernel {
namespace {

constexpr const char* kMax = "nf_conntrack_max";
constexpr const char* kBuckets = "nf_conntrack_buckets";
constexpr const char* kClose = "nf_conntrack_tcp_timeout_close_wait";

class PersistenceTest : public testing::Test {
 protected:
  PersistenceTest() { boot_.module = ModuleKind::kBuiltin; }

  void File(const std::string& path, const std::string& text) { boot_.plan.AddFile(path, text); }

  void Runs(const std::string& name, std::int64_t value) {
    running_.settings.push_back({name, value});
  }

  SettingPersistence Of(std::string_view name) {
    for (auto& result : ComparePersistence(boot_, running_)) {
      if (result.name == name) return result;
    }
    ADD_FAILURE() << name << " is missing";
    return {};
  }

  /// "reason value file:line", with "-" for what there is not.
  std::string Verdict(std::string_view name) {
    const auto result = Of(name);
    return std::string(result.drift ? ToString(*result.drift) : "-") + " " +
           (result.at_boot ? std::to_string(*result.at_boot) : "-") + " " +
           (result.source ? result.source->ToString() : "-");
  }

  BootConfig boot_;
  RunningKernel running_;
};

TEST_F(PersistenceTest, WhatRunsAndIsSetDoesNotDrift) {
  File("a", "net.netfilter.nf_conntrack_max = 500000\n");
  Runs(kMax, 500'000);
  EXPECT_EQ(Verdict(kMax), "- 500000 a:1");
}

TEST_F(PersistenceTest, AnotherValueDrifts) {
  File("a", "net.nf_conntrack_max = 500000\n");
  Runs(kMax, 262'144);
  EXPECT_EQ(Verdict(kMax), "value_differs 500000 a:1");
}

TEST_F(PersistenceTest, BucketsAreRoundedUpAsTheKernelDoes) {
  File("a", "net.netfilter.nf_conntrack_buckets = 100000\n");
  Runs(kBuckets, 100'352);
  EXPECT_EQ(Verdict(kBuckets), "- 100352 a:1");
}

TEST_F(PersistenceTest, ALateModuleMissesTheFiles) {
  File("a", "net.netfilter.nf_conntrack_max = 500000\n");
  Runs(kMax, 500'000);  // by sysctl --system, after the boot
  boot_.module = ModuleKind::kLoadable;
  EXPECT_EQ(Verdict(kMax), "before_module 500000 a:1");
  boot_.loaded_early = true;
  EXPECT_EQ(Verdict(kMax), "- 500000 a:1");
}

TEST_F(PersistenceTest, ARuleThatCarriesTheFilesOutHelps) {
  File("a", "net.nf_conntrack_max = 500000\n-net.netfilter.nf_conntrack_max = 500000\n");
  Runs(kMax, 500'000);
  boot_.module = ModuleKind::kLoadable;
  boot_.when_loaded = {ParseSysctlCommand("systemd-sysctl --prefix=/net/ipv4")};
  EXPECT_EQ(Verdict(kMax), "before_module 500000 a:2");
  boot_.when_loaded.push_back(ParseSysctlCommand("systemd-sysctl --prefix=/net/netfilter"));
  EXPECT_EQ(Verdict(kMax), "- 500000 a:2");
}

TEST_F(PersistenceTest, AnAssignmentInTheRuleItselfIsLast) {
  File("a", "net.netfilter.nf_conntrack_max = 1\n");
  boot_.late.Add({"net/nf_conntrack_max", "500000", {"/etc/udev/rules.d/x.rules", 3}});
  Runs(kMax, 500'000);
  boot_.module = ModuleKind::kLoadable;
  EXPECT_EQ(Verdict(kMax), "- 500000 /etc/udev/rules.d/x.rules:3");
}

TEST_F(PersistenceTest, AFileThatNothingReadsIsNamed) {
  boot_.unlinked.AddFile("/etc/sysctl.conf", "net.nf_conntrack_max=500000\n");
  Runs(kMax, 500'000);
  EXPECT_EQ(Verdict(kMax), "not_applied_at_boot - /etc/sysctl.conf:1");
  boot_.module = ModuleKind::kLoadable;
  boot_.when_loaded = {ParseSysctlCommand("sysctl --system")};
  EXPECT_EQ(Verdict(kMax), "- 500000 /etc/sysctl.conf:1");
  boot_.when_loaded.clear();
  boot_.loaded_early = true;
  File("a", "net.netfilter.nf_conntrack_max = 500000\n");
  EXPECT_EQ(Verdict(kMax), "- 500000 a:1");
}

TEST_F(PersistenceTest, NonsenseIsNamed) {
  File("a", "net.netfilter.nf_conntrack_max = 1M\n");
  Runs(kMax, 262'144);
  EXPECT_EQ(Verdict(kMax), "invalid_value - a:1");
  EXPECT_EQ(Of(kMax).problem, "\"1M\" is no number");
}

TEST_F(PersistenceTest, WhatNoFileSetsAndNoKernelHasWasSetByHand) {
  Runs(kMax, 1'000'000);
  Runs(kClose, 3600);
  Runs("nf_conntrack_udp_timeout_stream", 120);
  EXPECT_EQ(Verdict(kMax), "not_set - -");
  EXPECT_EQ(Verdict(kClose), "not_set - -");
  EXPECT_EQ(Verdict("nf_conntrack_udp_timeout_stream"), "- - -");
  boot_.unreadable.push_back({"/etc/sysctl.d/dangling.conf", {ErrorKind::kAbsent, 0, "", ""}});
  EXPECT_EQ(Verdict(kMax), "not_set - -");
  boot_.unreadable.push_back({"/etc/sysctl.d/secret.conf", {ErrorKind::kDenied, 0, "", ""}});
  EXPECT_EQ(Verdict(kMax), "- - -");
}

TEST_F(PersistenceTest, AHashSizeMakesBucketsAndLimit) {
  boot_.module = ModuleKind::kLoadable;
  boot_.hash_size = {"100000", {"/etc/modprobe.d/a.conf", 1}, false};
  Runs(kBuckets, 100'352);
  Runs(kMax, 262'144);
  EXPECT_EQ(Verdict(kBuckets), "- 100352 /etc/modprobe.d/a.conf:1");
  EXPECT_EQ(Verdict(kMax), "value_differs 802816 /etc/modprobe.d/a.conf:1");
  // Later, the files of sysctl.d have the last word.
  boot_.loaded_early = true;
  File("a", "net.netfilter.nf_conntrack_max = 262144\n");
  EXPECT_EQ(Verdict(kMax), "- 262144 a:1");
}

TEST_F(PersistenceTest, NobodyLoadsWhatIsBuiltIn) {
  boot_.hash_size = {"100000", {"/etc/modprobe.d/a.conf", 1}, false};
  Runs(kBuckets, 262'144);
  Runs(kMax, 262'144);
  EXPECT_EQ(Verdict(kBuckets), "not_applied_at_boot - /etc/modprobe.d/a.conf:1");
  EXPECT_EQ(Verdict(kMax), "- - -");
  boot_.hash_size->from_command_line = true;
  EXPECT_EQ(Verdict(kBuckets), "value_differs 100352 /etc/modprobe.d/a.conf:1");
}

TEST_F(PersistenceTest, AHashSizeThatIsNoneIsNamedOnce) {
  boot_.module = ModuleKind::kLoadable;
  boot_.hash_size = {"many", {"/etc/modprobe.d/a.conf", 1}, false};
  Runs(kBuckets, 262'144);
  Runs(kMax, 262'144);
  EXPECT_EQ(Verdict(kBuckets), "invalid_value - /etc/modprobe.d/a.conf:1");
  EXPECT_EQ(Verdict(kMax), "- - -");
}

TEST_F(PersistenceTest, TheCommandLineOfTheKernelComesFirst) {
  boot_.command_line = {{"net/netfilter/nf_conntrack_max", "1"},
                        {"net/nf_conntrack_max", "500000"}};
  Runs(kMax, 500'000);
  EXPECT_EQ(Verdict(kMax), "- 500000 /proc/cmdline");
  boot_.module = ModuleKind::kLoadable;
  boot_.loaded_early = true;  // still later than that
  EXPECT_EQ(Verdict(kMax), "before_module 500000 /proc/cmdline");
  boot_.module = ModuleKind::kBuiltin;
  File("a", "net.netfilter.nf_conntrack_max = 600000\n");
  EXPECT_EQ(Verdict(kMax), "value_differs 600000 a:1");
}

TEST_F(PersistenceTest, InAnotherNamespaceOnlyWhatIsGlobalIsJudged) {
  File("a", "net.netfilter.nf_conntrack_*=5\nnet.netfilter.nf_conntrack_tcp_loose=x\n");
  Runs(kMax, 262'144);
  Runs(kClose, 60);
  Runs("nf_conntrack_tcp_loose", 1);
  running_.boot_namespace = false;
  EXPECT_EQ(Verdict(kMax), "value_differs 5 a:1");
  EXPECT_EQ(Verdict(kClose), "- 5 a:1");
  EXPECT_FALSE(Of(kClose).judged);
  EXPECT_EQ(Verdict("nf_conntrack_tcp_loose"), "invalid_value - a:2");
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
        .Runs("nf_hooks_lwtunnel", "0");
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
