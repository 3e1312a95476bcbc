#include "exporter/confinement/confinement_needs.h"

#include <gmock/gmock.h>

#include "tests/support/temp_tree.h"

namespace conntrack::exporter {
namespace {

using confinement::CapabilitySet;
using testing::Contains;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::Not;

class ConfinementNeeds : public testing::Test {
 protected:
  ConfinementNeeds() {
    options_.procfs = tree_.root();
    options_.listen_addresses = {":10318"};
  }

  [[nodiscard]] KernelAccess Access() const {
    const kernel::KernelFiles files(tree_.root());
    return {files, files, files, {}};
  }

  confinement::Needs With(std::vector<std::string> collectors) {
    options_.collectors = std::move(collectors);
    return NeedsOf(options_, Access());
  }

  test::TempTree tree_;
  Options options_;
};

TEST_F(ConfinementNeeds, CollectorsThatReadFilesNeedNoCapability) {
  const auto needs = With({"timeouts", "settings", "memory", "sizing", "persistence"});
  EXPECT_EQ(needs.capabilities, CapabilitySet());
  EXPECT_EQ(needs.until_listening, CapabilitySet());
  EXPECT_THAT(needs.write, IsEmpty());
  EXPECT_EQ(needs.looks_into_processes, "");
  EXPECT_FALSE(needs.looks_up_names);
}

TEST_F(ConfinementNeeds, EachCollectorThatAsksTheKernelNeedsNetAdmin) {
  for (const auto* name : {"table", "stat", "flows", "talkers", "nat", "events"}) {
    EXPECT_EQ(With({name}).capabilities, CapabilitySet{Capability::kNetAdmin}) << name;
  }
}

TEST_F(ConfinementNeeds, WorkloadsReadOpenFilesOnlyWhereSocketsHaveNoCgroup) {
  const CapabilitySet less{Capability::kNetAdmin, Capability::kSysPtrace};
  auto more = less;
  more.Add(Capability::kDacReadSearch);
  tree_.Write("sys/kernel/osrelease", "6.1.0\n");
  EXPECT_EQ(With({"workloads"}).capabilities, more) << "cgroup v1";
  tree_.Write("fs/cgroup/unified/cgroup.controllers", "");
  EXPECT_EQ(With({"workloads"}).capabilities, less);
  tree_.Write("fs/cgroup/cgroup.controllers", "");
  EXPECT_EQ(With({"workloads"}).capabilities, less);
  tree_.Write("sys/kernel/osrelease", "5.8.18\n");
  EXPECT_EQ(With({"workloads"}).capabilities, more);
}

TEST_F(ConfinementNeeds, TheLogNeedsSyslogOnlyWhereItIsRestricted) {
  tree_.Write("sys/kernel/dmesg_restrict", "0\n");
  EXPECT_EQ(With({"kernel_log"}).capabilities, CapabilitySet());
  EXPECT_THAT(With({"kernel_log"}).read, Contains("/dev/kmsg"));
  EXPECT_THAT(With({"table"}).read, Not(Contains("/dev/kmsg")));
  tree_.Write("sys/kernel/dmesg_restrict", "1\n");
  EXPECT_EQ(With({"kernel_log"}).capabilities, CapabilitySet{Capability::kSyslog});
}

TEST_F(ConfinementNeeds, NamespacesHaveToBeEntered) {
  const auto needs = With({"netns"});
  EXPECT_EQ(needs.looks_into_processes, "netns");
  EXPECT_TRUE(needs.capabilities.Has(Capability::kSysAdmin));
  EXPECT_TRUE(needs.capabilities.Has(Capability::kSysPtrace));
}

TEST_F(ConfinementNeeds, DriversAreAskedOnlyForTheirCollectorAndWithoutAnyCapability) {
  EXPECT_TRUE(With({"ena"}).asks_drivers);
  EXPECT_EQ(With({"ena"}).capabilities, CapabilitySet());
  EXPECT_FALSE(With({"table"}).asks_drivers);
}

TEST_F(ConfinementNeeds, BootFilesAreOnlyReadForThePersistenceCollector) {
  options_.rootfs = "/host";
  EXPECT_THAT(With({"persistence"}).read, Contains("/host/etc"));
  EXPECT_THAT(With({"table"}).read, Not(Contains("/host/etc")));
}

TEST_F(ConfinementNeeds, PortsAreThoseOfTheAddresses) {
  options_.listen_addresses = {":10318", "[::1]:9100", "nonsense:"};
  EXPECT_THAT(With({}).listen_ports, ElementsAre(10318, 9100));
  options_.command = Command::kCheck;
  EXPECT_THAT(With({}).listen_ports, IsEmpty());
}

TEST_F(ConfinementNeeds, PortsAreThoseOfSocketsThatSystemdPasses) {
  options_.systemd_socket = true;
  EXPECT_THAT(With({}).listen_ports, IsEmpty());
  EXPECT_EQ(With({}).until_listening, CapabilitySet());
}

TEST_F(ConfinementNeeds, LimitsOfTheControlGroupCanBeRead) {
  options_.sysfs = "/host/sys";
  EXPECT_THAT(With({}).read, Contains("/host/sys/fs/cgroup"));
  EXPECT_THAT(With({}).read, Contains("/proc"));
}

TEST_F(ConfinementNeeds, LowPortsNeedACapabilityForAWhileWhereTheHostSaysSo) {
  options_.listen_addresses = {"127.0.0.1:80"};
  EXPECT_EQ(With({}).until_listening, CapabilitySet{Capability::kNetBindService});
  tree_.Write("sys/net/ipv4/ip_unprivileged_port_start", "80\n");
  EXPECT_EQ(With({}).until_listening, CapabilitySet());
}

TEST_F(ConfinementNeeds, NamesAreLookedUpWhereThereAreSome) {
  options_.listen_addresses = {"[fd00::1]:80", "10.0.0.1:80"};
  EXPECT_FALSE(With({}).looks_up_names);
  EXPECT_THAT(With({}).read, Not(Contains("/usr")));
  options_.listen_addresses = {"localhost:80"};
  EXPECT_TRUE(With({}).looks_up_names);
  EXPECT_THAT(With({}).read, Contains("/etc/resolv.conf"));
  EXPECT_THAT(With({}).read, Contains("/usr"));  // libraries
}

TEST_F(ConfinementNeeds, TextFilesAreWrittenInTheirFolderAndNothingListens) {
  options_.output.textfile = tree_.root() / "conntrack.prom";
  const auto needs = With({"table"});
  EXPECT_THAT(needs.write, ElementsAre(tree_.root()));
  EXPECT_THAT(needs.listen_ports, IsEmpty());
  options_.output.textfile = "-";
  EXPECT_THAT(With({"table"}).write, IsEmpty());
}

TEST_F(ConfinementNeeds, AdviceIsWrittenWhereItsFolderWillBeMade) {
  options_.command = Command::kAdvise;
  EXPECT_THAT(With({}).write, IsEmpty());
  options_.advise.output_dir = tree_.root() / "a/b";
  EXPECT_THAT(With({}).write, ElementsAre(tree_.root()));
}

TEST_F(ConfinementNeeds, TheWebConfigurationIsReadWhereItIsAndWhereItLeads) {
  tree_.Write("..data/web.yml", "").Link("etc/web.yml", "../..data/web.yml");
  options_.web_config_file = tree_.root() / "etc/web.yml";
  const auto read = With({}).read;
  EXPECT_THAT(read, Contains(tree_.root() / "etc"));
  EXPECT_THAT(read, Contains(std::filesystem::canonical(tree_.root()) / "..data"));
}

TEST_F(ConfinementNeeds, EveryCapabilityInTheCataloguesWordsIsDeclared) {
  for (const auto& entry : Catalogue()) {
    const bool named = entry.needs.find("CAP_") != std::string_view::npos;
    EXPECT_TRUE(!named || !entry.capabilities.empty()) << entry.name;
    const bool nothing_without = entry.needs == "CAP_NET_ADMIN";
    EXPECT_TRUE(!nothing_without || entry.capabilities.front().required) << entry.name;
  }
}

}  // namespace
}  // namespace conntrack::exporter
