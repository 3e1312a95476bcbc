#include "tests/support/whole_output.h"

// Before <linux/...>, which redefines parts of it otherwise.
#include <netinet/in.h>

#include <linux/netfilter/nf_conntrack_common.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <iterator>
#include <memory>
#include <utility>

#include "collectors/catalogue.h"
#include "collectors/flows/talkers.h"
#include "collectors/netns/netns_collector.h"
#include "collectors/sizing_collector.h"
#include "exporter/metrics/presence_watch.h"
#include "kernel/proc/flowtable_stat.h"
#include "tests/support/fake_ethtool.h"
#include "tests/support/families.h"
#include "tests/support/temp_tree.h"
#include "tests/support/test_access.h"

namespace conntrack::test {
namespace {

kernel::FlowTuple Tuple(const char* source, std::uint16_t source_port, const char* destination,
                        std::uint16_t destination_port) {
  return {AddressOf(source), AddressOf(destination), source_port, destination_port};
}

/// A client behind source NAT that looks up a name.
FlowSpec Lookup(const char* client, std::uint16_t port) {
  return {.protocol = IPPROTO_UDP,
          .status = IPS_CONFIRMED | IPS_SEEN_REPLY | IPS_SRC_NAT,
          .timeout = 29,
          .original = Tuple(client, 5353, "198.51.100.53", 53),
          .reply = Tuple("198.51.100.53", 53, "203.0.113.1", port)};
}

/// A small table with something of everything.
Answer SmallTable(DatagramBuilder datagram) {
  constexpr std::uint32_t kReplied = IPS_CONFIRMED | IPS_SEEN_REPLY;
  const std::vector<FlowSpec> flows = {
      {.protocol = IPPROTO_TCP, .status = kReplied | IPS_ASSURED, .state = 3, .timeout = 431'999},
      {.protocol = IPPROTO_TCP,
       .status = kReplied | IPS_ASSURED | IPS_SRC_NAT,
       .state = 5,
       .timeout = 58,
       .original = Tuple("10.0.0.1", 41000, "198.51.100.1", 443),
       .reply = Tuple("198.51.100.1", 443, "203.0.113.1", 41000)},
      {.protocol = IPPROTO_TCP, .status = kReplied | IPS_ASSURED | IPS_OFFLOAD},
      {.family = AF_INET6,
       .protocol = IPPROTO_TCP,
       .status = IPS_CONFIRMED,
       .state = 1,
       .timeout = 100,
       .original = Tuple("2001:db8::1", 42000, "2001:db8:1::1", 443),
       .reply = Tuple("2001:db8:1::1", 443, "2001:db8::1", 42000)},
      {.protocol = IPPROTO_UDP, .status = IPS_CONFIRMED, .timeout = 9, .zone = 7},
      {.protocol = IPPROTO_UDP,
       .status = kReplied | IPS_DST_NAT,
       .timeout = 29,
       .original_zone = 7,
       .original = Tuple("192.0.2.9", 43000, "203.0.113.1", 53),
       .reply = Tuple("10.0.0.2", 53, "192.0.2.9", 43000)},
      Lookup("10.0.0.1", 5353),
      Lookup("10.0.0.3", 1024),
      {.family = AF_INET6,
       .protocol = IPPROTO_ICMPV6,
       .status = kReplied,
       .timeout = 20,
       .original = Tuple("2001:db8::2", 0, "2001:db8:1::1", 0),
       .reply = Tuple("2001:db8:1::1", 0, "2001:db8::2", 0)},
      {.protocol = IPPROTO_SCTP, .status = kReplied | IPS_ASSURED, .state = 4, .timeout = 200},
      {.protocol = IPPROTO_GRE, .status = kReplied | IPS_ASSURED, .timeout = 170},
      {.protocol = 253, .status = IPS_CONFIRMED, .timeout = 599},
  };
  for (const auto& flow : flows) datagram.Message(kFlowReply, FlowMessage(flow));
  return Answer{{datagram.Done().bytes()}, {}};
}

Answer PrivilegedKernel(const kernel::CtnetlinkRequest& request) {
  DatagramBuilder datagram(kPort, request.sequence());
  switch (request.query()) {
    case kernel::CtnetlinkQuery::kFlows:
      return SmallTable(datagram);
    case kernel::CtnetlinkQuery::kStatGlobal:
      datagram.Message(kTableReply,
                       NfMessage(0, 0, AttributeBuilder().Be32(CTA_STATS_GLOBAL_ENTRIES, 12)));
      return Answer{{datagram.bytes()}, {}};
    case kernel::CtnetlinkQuery::kExpectationsPerCpu:
      datagram.Message(
          kExpectReply,
          NfMessage(
              0, 0,
              AttributeBuilder().Be32(CTA_STATS_EXP_CREATE, 5).Be32(CTA_STATS_EXP_DELETE, 2)));
      return Answer{{datagram.Done().bytes()}, {}};
    case kernel::CtnetlinkQuery::kExpectations:
      for (const auto* helper : {"ftp", "sip", "ftp", ""}) {
        datagram.Message(kExpectationReply, ExpectationMessage(helper));
      }
      return Answer{{datagram.Done().bytes()}, {}};
    case kernel::CtnetlinkQuery::kStatPerCpu:
      break;
  }
  for (std::uint16_t cpu = 0; cpu < 2; ++cpu) {
    AttributeBuilder counters;
    for (std::uint16_t type :
         {CTA_STATS_FOUND, CTA_STATS_INVALID, CTA_STATS_INSERT, CTA_STATS_INSERT_FAILED,
          CTA_STATS_DROP, CTA_STATS_EARLY_DROP, CTA_STATS_ERROR, CTA_STATS_SEARCH_RESTART,
          CTA_STATS_CLASH_RESOLVE, CTA_STATS_CHAIN_TOOLONG}) {
      counters.Be32(type, type * 100U + cpu);
    }
    datagram.Message(kStatReply, NfMessage(0, cpu, counters));
  }
  return Answer{{datagram.Done().bytes()}, {}};
}

/// A flow of each of three protocols, of which two are gone.
kernel::EventSocketFactory SomeEvents() {
  using kernel::FlowEventKind;
  constexpr std::uint64_t kBegan = 1'700'000'000'000'000'000;
  constexpr std::uint64_t kSecond = 1'000'000'000;
  const FlowSpec tcp{.protocol = IPPROTO_TCP, .state = 1};
  const FlowSpec udp{.protocol = IPPROTO_UDP};
  const FlowSpec gre{.protocol = IPPROTO_GRE};
  auto script = std::make_shared<EventScript>();
  script->Deliver({EventDatagram({.kind = FlowEventKind::kNew, .flow = tcp}),
                   EventDatagram({.kind = FlowEventKind::kNew, .flow = udp}),
                   EventDatagram({.kind = FlowEventKind::kNew, .flow = gre}),
                   EventDatagram({.kind = FlowEventKind::kUpdate, .flow = tcp})});
  script->Deliver({EventDatagram({FlowEventKind::kDestroy, tcp, kBegan, kBegan + kSecond / 2}),
                   EventDatagram({FlowEventKind::kDestroy, udp, kBegan, kBegan + 31 * kSecond})});
  return OpenFakeEvents(std::move(script));
}

/// A log with one old line, and some that come while the exporter runs.
kernel::KmsgReaderFactory TroubledLog() {
  auto log = std::make_shared<FakeKmsg>();
  log->Log(1, "nf_conntrack: expectation table full");
  log->Write(ErrorKind::kTimeout);
  log->Log(2, "nf_conntrack: nf_conntrack: table full, dropping packet");
  log->Log(3, "nf_conntrack: nf_conntrack: table full in netns 4026532315, dropping packet");
  log->Log(9, "net_ratelimit: 12 callbacks suppressed");
  return OpenFake(std::move(log));
}

/// A walk of the host's table as it may have been when 6.18-2cpu-netns was captured: the host has
/// no flow, five other namespaces have those that they counted, less four that were over.
class CapturedTable final : public kernel::FlowWalkPrograms {
 public:
  unsigned batches() const override { return 1; }
  flow_walk_batch& batch(unsigned) override { return *batch_; }
  Result<void> Run(unsigned) override {
    auto& batch = *batch_;
    const std::uint64_t buckets = batch.end - batch.bucket;
    batch.chains[0] += buckets;
    // At its beginning, so that it is there once.
    batch.flows = 0;
    if (batch.bucket == 0 && batch.own_net != 0) FillSome(batch);
    batch.bucket = batch.end;
    return {};
  }
  Result<kernel::OwnNamespace> FindOwnNamespace() override {
    return kernel::OwnNamespace{0x1000, kInodes[0]};
  }
  Result<kernel::TableVariables> FindVariables() override {
    return kernel::TableVariables{0x2000, 0x2008};
  }
  void ForgetVariables() override {}
  Result<kernel::FlowLocation> FindTable(const kernel::Flow&) override {
    return Fail(ErrorKind::kAbsent, "the table is known");
  }

 private:
  static constexpr std::array<std::uint32_t, 6> kInodes = {
      4'026'532'319, 4'026'532'388, 4'026'532'457, 4'026'532'526, 4'026'532'595, 4'026'532'607};
  static constexpr std::array<std::uint64_t, 6> kFlows = {0, 1196, 300, 7, 50, 51};

  /// 1608 entries, each in two chains.
  static void FillSome(flow_walk_batch& batch) {
    batch.chains[1] += 3170;  // buckets with one
    batch.chains[2] += 20;    // with two
    batch.chains[3] += 2;     // with three
    batch.chains[0] -= 3170 + 20 + 2;
    batch.tuples += 3216;
    batch.longest = 3;
    for (std::size_t i = 1; i < kInodes.size(); ++i) {
      batch.namespaces[i].net = 0x1000 + i;
      batch.namespaces[i].inode = kInodes[i];
      batch.namespaces[i].flows = kFlows[i];
      for (std::uint64_t flow = 0; flow < kFlows[i]; ++flow) {
        auto& delivered = batch.flow[batch.flows++];
        delivered = {};
        delivered.slot = static_cast<std::uint16_t>(1 + i);
        delivered.protocol = flow % 3 == 0 ? 17 : 6;
        delivered.state = static_cast<std::uint8_t>(flow % 4);
      }
    }
  }

  const std::unique_ptr<flow_walk_batch> batch_ = std::make_unique<flow_walk_batch>();
};

/// The capture, with a file that its kernel is built without.
kernel::KernelFiles WithFlowtable(const kernel::KernelFiles& proc) {
  static const TempTree tree;
  static const bool made = [&proc] {
    std::filesystem::copy(
        proc.root(), tree.root() / "proc",
        std::filesystem::copy_options::recursive | std::filesystem::copy_options::copy_symlinks);
    std::ofstream(tree.root() / "proc" / kernel::kFlowtableStatPath)
        << "wq_add   wq_del   wq_stats\n       5        0        2\n      -1        3        0\n";
    return true;
  }();
  static_cast<void>(made);
  return kernel::KernelFiles(tree.root() / "proc");
}

std::vector<NamedCollector> AllCollectors(const Scenario& scenario) {
  std::vector<std::string> names;
  for (const auto& entry : Catalogue()) names.emplace_back(entry.name);
  CollectorOptions options;
  options.Get<TalkersOptions>().classes = {ParseAddressClass("10.0.0.0/8=inside").value(),
                                           ParseAddressClass("2001:db8::/32=inside").value()};
  options.Get<TalkersOptions>().pairs = true;
  options.Get<SizingOptions>().profile = scenario.sizing_profile;
  options.Get<NetnsOptions>().composition = true;
  return MakeCollectors(names, scenario.access, options);
}

}  // namespace

std::vector<Scenario> Scenarios() {
  std::vector<Scenario> scenarios;
  for (const auto* capture :
       {"2.6.32-2cpu", "3.10-4cpu", "4.19-2cpu", "5.10-2cpu", "5.15-no-stat-file", "6.1-2cpu",
        "6.12-2cpu", "6.18-2cpu", "6.18-2cpu-netns", "6.18-module-2cpu", "7.3-2cpu",
        "module-not-loaded"}) {
    scenarios.push_back({capture, AccessTo(capture), {}});
  }
  auto by_bpf = AccessTo("6.18-2cpu-netns");
  by_bpf.flow_walk = std::make_shared<CapturedTable>();
  scenarios.push_back({"6.18-2cpu-bpf", std::move(by_bpf), {}});
  auto privileged = AccessTo("6.18-2cpu", OpenFake(PrivilegedKernel), SomeEvents(), TroubledLog());
  privileged.root = kernel::KernelFiles(Capture("boot-files"));
  privileged.proc = WithFlowtable(privileged.proc);
  privileged.ethtool = InstanceOfEc2();
  scenarios.push_back(
      {"6.18-2cpu-cap-net-admin", std::move(privileged), SizingProfile::kNatGateway});
  return scenarios;
}

std::vector<exporter::CollectorRun> WholeRun(const Scenario& scenario) {
  exporter::ReadingScheduler scheduler(AllCollectors(scenario));
  return scheduler.Read(scheduler.names(), Patient().deadline);
}

std::vector<Family> WholeOutput(const Scenario& scenario) {
  exporter::ReadingScheduler scheduler(AllCollectors(scenario));
  auto families = exporter::PresenceWatch(scenario.access.presence).Read();
  std::ranges::move(exporter::FamiliesOf(scheduler.Read(scheduler.names(), Patient().deadline)),
                    std::back_inserter(families));
  return families;
}

}  // namespace conntrack::test
