#include "kernel/boot/persistence_reader.h"

#include <gmock/gmock.h>

#include "tests/support/host_tree.h"

namespace conntrack::kernel {
namespace {

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
  host_.Proc("self/net/dev", "").Proc("1/net/dev", "");
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
