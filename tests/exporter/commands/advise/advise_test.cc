#include "exporter/commands/commands.h"

#include <gmock/gmock.h>

#include <sstream>

#include "tests/support/machines.h"
#include "tests/support/temp_tree.h"
#include "tests/support/test_access.h"

namespace conntrack::exporter {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::StartsWith;

struct Advised {
  int code = -1;
  std::string out;
  std::string err;
};

Advised RunOn(const Options& options, const KernelAccess& access) {
  std::ostringstream out;
  std::ostringstream err;
  const int code = Advise(options, access, out, err);
  return {code, out.str(), err.str()};
}

Advised RunFor(const Machine& machine, const Options& options) {
  std::ostringstream out;
  std::ostringstream err;
  const int code = AdviseFor(machine, options, out, err);
  return {code, out.str(), err.str()};
}

TEST(AdviseCommand, TextEndsWithTheCommandsThatInstall) {
  const auto advised = RunFor(conntrack::test::DnsServer(), {});
  EXPECT_EQ(advised.code, 0);
  EXPECT_THAT(advised.out, HasSubstr("--output-dir ./conntrack-advice"));
  EXPECT_TRUE(
      advised.out.ends_with("  udevadm control --reload\n"
                            "  sysctl -p /etc/sysctl.d/90-conntrack.conf\n"))
      << advised.out;
}

TEST(AdviseCommand, AFileFormatIsTheFileAndNothingElse) {
  Options options;
  options.advise.format = advise::Format::kModulesLoad;
  const auto advised = RunFor(conntrack::test::DnsServer(), options);
  EXPECT_EQ(advised.code, 0);
  EXPECT_TRUE(advised.out.ends_with(".conf.\nnf_conntrack\n")) << advised.out;
  EXPECT_THAT(advised.out, StartsWith("# "));
}

TEST(AdviseCommand, BeforeLinux419TimeoutsNeedAnotherModule) {
  Options options;
  auto machine = conntrack::test::DnsServer();
  machine.protocols_apart = true;
  options.advise.format = advise::Format::kModulesLoad;
  EXPECT_TRUE(RunFor(machine, options).out.ends_with("\nnf_conntrack_ipv4\n"));
  options.advise.format = advise::Format::kUdev;
  EXPECT_THAT(RunFor(machine, options).out, HasSubstr("\"nf_conntrack|nf_conntrack_ipv4\""));
}

TEST(AdviseCommand, WritesEveryFileAndRefusesToReplaceThem) {
  const conntrack::test::TempTree tree;
  Options options;
  options.advise.output_dir = (tree.root() / "advice").string();
  EXPECT_EQ(RunFor(conntrack::test::KubernetesNode(), options).code, 0);
  for (const auto* name :
       {"advice.txt", "advice.json", "sysctl.conf", "modprobe.conf", "modules-load.conf",
        "udev.rules", "notrack.nft", "notrack.iptables", "kube-proxy.yaml"}) {
    EXPECT_TRUE(std::filesystem::exists(tree.root() / "advice" / name)) << name;
  }
  const auto again = RunFor(conntrack::test::DnsServer(), options);
  EXPECT_EQ(again.code, 2);
  EXPECT_THAT(again.out, IsEmpty());
  EXPECT_THAT(again.err, HasSubstr("--force"));
  options.advise.force = true;
  EXPECT_EQ(RunFor(conntrack::test::DnsServer(), options).code, 0);
}

Machine InItsOwnNetwork() {
  auto machine = conntrack::test::DnsServer();
  machine.place.boot_network_namespace = false;
  return machine;
}

TEST(AdviseCommand, AFileWithoutEffectIsRefusedWithWhatHasOne) {
  const auto refused = [](const Machine& machine, advise::Format format) {
    Options options;
    options.advise.format = format;
    const auto advised = RunFor(machine, options);
    EXPECT_EQ(advised.code, 2);
    EXPECT_THAT(advised.out, IsEmpty());
    return advised.err;
  };
  for (const auto format : {advise::Format::kSysctl, advise::Format::kModprobe,
                            advise::Format::kModulesLoad, advise::Format::kUdev}) {
    EXPECT_THAT(refused(InItsOwnNetwork(), format),
                AllOf(HasSubstr("would have no effect here"), HasSubstr("remedy: run advise on")));
  }
  auto built_in = conntrack::test::DnsServer();
  built_in.module = ModuleState::kBuiltIn;
  EXPECT_THAT(refused(built_in, advise::Format::kModprobe),
              HasSubstr("remedy: nf_conntrack.hashsize=301056 on the kernel's command line"));
  auto cilium = conntrack::test::KubernetesNode();
  cilium.place.kubernetes->kube_proxy = kernel::KubeProxyMode::kNone;
  EXPECT_THAT(refused(cilium, advise::Format::kKubernetes), HasSubstr("no kube-proxy runs here"));
}

TEST(AdviseCommand, FilesWithoutEffectAreNotWrittenAndNamed) {
  const conntrack::test::TempTree tree;
  Options options;
  options.advise.output_dir = (tree.root() / "advice").string();
  options.advise.notrack = {conntrack::test::Target("ospf")};
  const auto advised = RunFor(InItsOwnNetwork(), options);
  EXPECT_EQ(advised.code, 0);
  EXPECT_FALSE(std::filesystem::exists(tree.root() / "advice/sysctl.conf"));
  EXPECT_FALSE(std::filesystem::exists(tree.root() / "advice/kube-proxy.yaml"));
  EXPECT_TRUE(std::filesystem::exists(tree.root() / "advice/notrack.nft"));
  EXPECT_THAT(advised.out,
              StartsWith("Entries, flows, losses and timeouts are those of this network"));
  EXPECT_THAT(advised.out,
              HasSubstr("  - sysctl.conf, modprobe.conf, modules-load.conf, udev.rules"));
  EXPECT_THAT(advised.out, HasSubstr("nft -c -f"));
  EXPECT_THAT(advised.out, Not(HasSubstr("/etc/sysctl.d/90")));
}

TEST(AdviseCommand, InAContainerOfTheHostsNetworkFilesAreForTheHost) {
  auto machine = conntrack::test::DnsServer();
  machine.place.container_sign = "/.dockerenv";
  const auto advised = RunFor(machine, {});
  EXPECT_THAT(advised.out,
              HasSubstr("place                   a container in the host's network namespace\n"));
  EXPECT_THAT(advised.out, HasSubstr("as root on the host"));
  EXPECT_THAT(advised.out, HasSubstr("/etc/sysctl.d/90-conntrack.conf"));
}

TEST(AdviseCommand, RefusesAFolderOfTheSystemBeforeItReadsAnything) {
  Options options;
  options.advise.output_dir = "/etc/sysctl.d";
  const auto advised = RunOn(options, conntrack::test::AccessTo("6.1-2cpu"));
  EXPECT_EQ(advised.code, 2);
  EXPECT_THAT(advised.err, HasSubstr("remedy: name a folder of your own"));
}

TEST(AdviseCommand, WithoutCapabilityItAdvisesAndNamesWhatIsMissing) {
  const auto advised = RunOn({}, conntrack::test::AccessTo("6.1-2cpu"));
  EXPECT_EQ(advised.code, 0);
  EXPECT_THAT(advised.out, HasSubstr("Unknown\n  - what fills the table: ctnetlink refused"));
  EXPECT_THAT(advised.out, HasSubstr("CAP_NET_ADMIN"));
  EXPECT_THAT(advised.out, HasSubstr("nf_conntrack_max        262144 -> 301056"));
}

TEST(AdviseCommand, WithoutTheModuleItSaysSo) {
  const auto advised = RunOn({}, conntrack::test::AccessTo("module-not-loaded"));
  EXPECT_EQ(advised.code, 0);
  EXPECT_THAT(advised.out, HasSubstr("nf_conntrack is not loaded"));
  EXPECT_THAT(advised.out, HasSubstr("nf_conntrack_max        ? -> 131072"));
}

TEST(AdviseCommand, WhereNothingCanBeReadItFails) {
  const conntrack::test::TempTree empty;
  const kernel::KernelFiles files(empty.root());
  const auto advised = RunOn({}, {files, files, files, conntrack::test::RefusingKernel()});
  EXPECT_EQ(advised.code, 1);
  EXPECT_THAT(advised.err, HasSubstr("osrelease"));
}

}  // namespace
}  // namespace conntrack::exporter
