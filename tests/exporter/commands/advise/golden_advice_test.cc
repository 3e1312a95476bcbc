// The whole advice for a machine, as text and as files, against tests/golden/advise.
// CONNTRACK_UPDATE_GOLDEN=1 rewrites them.
#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>
#include <sstream>

#include "exporter/commands/advise/advise.h"
#include "tests/support/machines.h"
#include "tests/support/source_dir.h"

namespace conntrack::exporter::advise {
namespace {

void ExpectGolden(const std::string& name, const std::string& actual) {
  const auto path = std::string(conntrack::test::SourceDir()) + "/tests/golden/advise/" + name;
  if (std::getenv("CONNTRACK_UPDATE_GOLDEN") != nullptr) std::ofstream(path) << actual;
  std::ostringstream golden;
  golden << std::ifstream(path).rdbuf();
  EXPECT_EQ(actual, golden.str()) << path << " (CONNTRACK_UPDATE_GOLDEN=1 rewrites it)";
}

void ExpectAll(const std::string& machine_name, const Machine& machine,
               const AdviseOptions& options) {
  const auto advice = AdviseSizing(machine, options);
  ExpectGolden(
      machine_name + ".advice.txt",
      RenderText(machine, advice) + "\n" + InstallCommands(machine, advice, "./conntrack-advice"));
  for (const auto& file : AdviceFiles()) {
    ExpectGolden(machine_name + "." + std::string(file.name), file.render(machine, advice));
  }
}

TEST(GoldenAdvice, ADnsServerWithItsServiceNotTracked) {
  AdviseOptions options;
  options.peak = 400'000;
  options.notrack = {conntrack::test::Target("udp/53"), conntrack::test::Target("tcp/53"),
                     conntrack::test::Target("ospf"), conntrack::test::Target("10.0.0.0/8")};
  options.accounting = true;
  ExpectAll("dns-server", conntrack::test::DnsServer(), options);
}

TEST(GoldenAdvice, AKubernetesNodeWithoutCapability) {
  ExpectAll("kubernetes-node", conntrack::test::KubernetesNode(), {});
}

TEST(GoldenAdvice, AnOldMachineWithoutTheModule) {
  ExpectAll("old-and-idle", conntrack::test::OldAndIdle(), {});
}

}  // namespace
}  // namespace conntrack::exporter::advise
