// dump_bench: how long our sample of the table takes, and how long other ways to the same figures
// take.
//
// Runs in the network namespace whose table is measured and prints one line of JSON a rival, for
// run.py. Our sample and the rival run in turn (A B A B ...), so that whatever else the machine
// does falls on both.
#include <errno.h>
#include <libmnl/libmnl.h>
#include <libnetfilter_conntrack/libnetfilter_conntrack.h>
#include <linux/netlink.h>
#include <stdio.h>
#include <sys/socket.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <array>
#include <chrono>
#include <cstdint>
#include <cstring>
#include <functional>
#include <iostream>
#include <map>
#include <memory>
#include <stdexcept>
#include <string>
#include <system_error>
#include <utility>
#include <vector>

#include "collectors/flows/flow_tally.h"
#include "kernel/bpf/bpf_flow_source.h"
#include "kernel/bpf/flow_walk_programs.h"
#include "kernel/netlink/ctnetlink_flow_source.h"
#include "kernel/netlink/ctnetlink_request.h"
#include "kernel/netlink/netlink_socket.h"
#include "kernel/proc/kernel_files.h"
#include "tests/support/host_netlink.h"

namespace conntrack::bench {
namespace {

/// Gets through the whole table once and yields how many flows it found, as far as it counts them.
using Contestant = std::function<std::uint64_t()>;

[[noreturn]] void ThrowErrno(const char* what) {
  throw std::system_error(errno, std::generic_category(), what);
}

/// \brief  Where our sample gets its flows from: the dump, or with `threads` the BPF walk.
std::shared_ptr<kernel::FlowSource> MakeSource(unsigned threads, kernel::WalkReading reading,
                                               kernel::NamespaceDetail namespaces) {
  const kernel::KernelFiles proc("/proc");
  if (threads == 0) {
    return std::make_shared<kernel::CtnetlinkFlowSource>(test::OpenHostNetlink, proc,
                                                         std::chrono::hours(1));
  }
  const auto port =
      kernel::LoadFlowWalkPrograms(proc, kernel::KernelFiles("/sys"), threads, reading);
  if (!port) throw std::runtime_error(port.error().message + "; " + port.error().remedy);
  return std::make_shared<kernel::BpfFlowSource>(*port, test::OpenHostNetlink, proc,
                                                 std::chrono::hours(1), namespaces);
}

/// What the exporter does: a FlowTally filled from a source, and its summary.
class OurSample {
 public:
  OurSample(std::shared_ptr<kernel::FlowSource> source, const FlowTallyOptions& options)
      : tally_(std::make_shared<FlowTally>(options)), source_(std::move(source)) {}

  std::uint64_t operator()() {
    if (const auto walked = source_->Walk(*tally_, {}); !walked) {
      throw std::runtime_error(walked.error().message);
    }
    return tally_->Summary().counts.flows();
  }

 private:
  std::shared_ptr<FlowTally> tally_;
  std::shared_ptr<kernel::FlowSource> source_;
};

/// The same request, the same receive buffer, and nothing done with the answer. Counts no flows.
class Discard {
 public:
  Discard() : socket_(mnl_socket_open(NETLINK_NETFILTER), mnl_socket_close) {
    if (!socket_) ThrowErrno("opening a netlink socket");
    if (mnl_socket_bind(socket_.get(), 0, MNL_SOCKET_AUTOPID) < 0) ThrowErrno("binding it");
  }

  std::uint64_t operator()() {
    const kernel::CtnetlinkRequest request(kernel::CtnetlinkQuery::kFlows, ++sequence_);
    const auto bytes = request.bytes();
    if (mnl_socket_sendto(socket_.get(), bytes.data(), bytes.size()) < 0) ThrowErrno("asking");
    while (true) {
      const ssize_t got = mnl_socket_recvfrom(socket_.get(), buffer_->data(), buffer_->size());
      if (got < 0) ThrowErrno("receiving");
      if (EndsTheDump(static_cast<std::size_t>(got))) return 0;
    }
  }

 private:
  /// NLMSG_DONE is the last message of its datagram, so nothing before it need be looked at.
  [[nodiscard]] bool EndsTheDump(std::size_t length) const {
    constexpr std::size_t kDoneLength = NLMSG_LENGTH(sizeof(int));
    if (length < kDoneLength) throw std::runtime_error("the answer was cut off");
    nlmsghdr last;
    std::memcpy(&last, buffer_->data() + length - kDoneLength, sizeof(last));
    nlmsghdr first;
    std::memcpy(&first, buffer_->data(), sizeof(first));
    if (first.nlmsg_type == NLMSG_ERROR) throw std::runtime_error("the kernel refused the dump");
    return last.nlmsg_type == NLMSG_DONE && last.nlmsg_len == kDoneLength &&
           last.nlmsg_seq == sequence_;
  }

  std::shared_ptr<mnl_socket> socket_;
  std::shared_ptr<std::array<std::byte, 32768>> buffer_ =
      std::make_shared<std::array<std::byte, 32768>>();
  std::uint32_t sequence_ = 0;
};

/// The usual C program: libnetfilter_conntrack with a callback that counts by protocol and state.
class NfctLoop {
 public:
  std::uint64_t operator()() {
    counts_->clear();
    const std::unique_ptr<nfct_handle, int (*)(nfct_handle*)> handle(nfct_open(CONNTRACK, 0),
                                                                     nfct_close);
    if (!handle) ThrowErrno("nfct_open");
    nfct_callback_register(handle.get(), NFCT_T_ALL, Count, counts_.get());
    const std::uint32_t family = AF_UNSPEC;
    if (nfct_query(handle.get(), NFCT_Q_DUMP, &family) < 0) ThrowErrno("nfct_query");
    std::uint64_t flows = 0;
    for (const auto& [key, count] : *counts_) flows += count;
    return flows;
  }

 private:
  using Counts = std::map<std::pair<int, int>, std::uint64_t>;

  static int Count(nf_conntrack_msg_type, nf_conntrack* flow, void* counts) {
    const int protocol = nfct_get_attr_u8(flow, ATTR_ORIG_L4PROTO);
    const int state =
        nfct_attr_is_set(flow, ATTR_TCP_STATE) > 0 ? nfct_get_attr_u8(flow, ATTR_TCP_STATE) : -1;
    ++(*static_cast<Counts*>(counts))[{protocol, state}];
    return NFCT_CB_CONTINUE;
  }

  std::shared_ptr<Counts> counts_ = std::make_shared<Counts>();
};

/// What people put into cron.
std::uint64_t Pipeline() {
  constexpr const char* kCommand =
      "conntrack -L 2>/dev/null | "
      "awk '{ n[$1 \" \" ($1 == \"tcp\" ? $4 : \"\")]++ } END { for (k in n) print n[k], k }'";
  const std::unique_ptr<FILE, int (*)(FILE*)> output(popen(kCommand, "r"), pclose);
  if (!output) ThrowErrno("running conntrack -L | awk");
  std::uint64_t flows = 0;
  std::array<char, 256> line;
  while (fgets(line.data(), static_cast<int>(line.size()), output.get()) != nullptr) {
    flows += std::stoull(line.data());
  }
  if (flows == 0) throw std::runtime_error("conntrack -L printed nothing; is it installed?");
  return flows;
}

double SecondsOf(const Contestant& contestant, std::uint64_t& flows) {
  const auto start = std::chrono::steady_clock::now();
  flows = contestant();
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

double Median(std::vector<double> values) {
  const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
  std::nth_element(values.begin(), middle, values.end());
  return *middle;
}

void Compare(const Contestant& ours, const std::string& name, const Contestant& rival, int rounds) {
  std::vector<double> our_times;
  std::vector<double> rival_times;
  std::uint64_t our_flows = ours();  // both once to warm up, unmeasured
  std::uint64_t rival_flows = rival();
  for (int round = 0; round < rounds; ++round) {
    our_times.push_back(SecondsOf(ours, our_flows));
    rival_times.push_back(SecondsOf(rival, rival_flows));
  }
  std::cout << "{\"rival\": \"" << name << "\", \"rounds\": " << rounds
            << ", \"flows\": " << our_flows << ", \"rival_flows\": " << rival_flows
            << ", \"ours_seconds\": " << Median(our_times)
            << ", \"rival_seconds\": " << Median(rival_times) << "}" << std::endl;
}

/// Over and over, for whoever measures what that does to others; prints how often.
void Loop(const Contestant& contestant, double seconds) {
  const auto end = std::chrono::steady_clock::now() + std::chrono::duration<double>(seconds);
  std::uint64_t turns = 0;
  std::uint64_t flows = contestant();
  std::cout << "runs" << std::endl;
  for (; std::chrono::steady_clock::now() < end; ++turns) flows = contestant();
  std::cout << "{\"turns\": " << turns << ", \"flows\": " << flows << "}" << std::endl;
}

int Run(int argc, char** argv) {
  CLI::App app("Times our sample of the conntrack table against a rival, in turn.");
  std::string name;
  int rounds = 9;
  std::map<std::string, Contestant> rivals = {{"discard", Discard()},
                                              {"libnetfilter_conntrack", NfctLoop()},
                                              {"conntrack-awk", Pipeline},
                                              {"plain", {}}};
  auto* rival = app.add_option("--rival", name,
                               "discard, libnetfilter_conntrack, conntrack-awk or plain: our "
                               "sample that counts no more than flows")
                    ->check(CLI::IsMember(rivals));
  app.add_option("--rounds", rounds, "Measured turns of each")->check(CLI::Range(1, 1000));
  bool talkers = false;
  bool nat = false;
  app.add_flag("--talkers", talkers, "Our sample counts talkers too");
  bool pairs = false;
  bool workloads = false;
  app.add_flag("--pairs", pairs, "Talkers count pairs and backends too");
  app.add_flag("--workloads", workloads, "Our sample counts workloads of this machine too");
  app.add_flag("--nat", nat, "Our sample counts ports of source NAT too");
  unsigned threads = 0;
  app.add_option("--bpf-threads", threads, "Our sample is by the BPF walk, on so many threads")
      ->check(CLI::Range(1U, unsigned{FLOW_WALK_BATCHES}));
  bool copy = false;
  app.add_flag("--bpf-copy", copy, "The BPF walk is that of Linux before 6.2");
  auto namespaces = kernel::NamespaceDetail::kNone;
  app.add_option("--bpf-namespaces", namespaces, "What the BPF walk counts of all namespaces")
      ->transform(CLI::CheckedTransformer(std::map<std::string, kernel::NamespaceDetail>{
          {"none", kernel::NamespaceDetail::kNone},
          {"flows", kernel::NamespaceDetail::kFlows},
          {"states", kernel::NamespaceDetail::kStates}}));
  double seconds = 0;
  app.add_option("--loop-seconds", seconds, "Our sample alone, over and over, untimed")
      ->excludes(rival);
  CLI11_PARSE(app, argc, argv);
  FlowTallyOptions options;
  if (talkers || pairs) options.talkers.emplace().pairs = pairs;
  const KernelAccess access{kernel::KernelFiles("/proc"), kernel::KernelFiles("/sys"),
                            kernel::KernelFiles("/"), test::OpenHostNetlink};
  if (workloads) {
    options.workloads.emplace().read = [&access](const std::stop_token& stop) {
      return ReadWorkloadMap(access, stop);
    };
  }
  if (nat) options.snat_top = 10;
  const auto make_source = [&] {
    return MakeSource(threads, copy ? kernel::WalkReading::kCopy : kernel::WalkReading::kBest,
                      namespaces);
  };
  const OurSample ours(make_source(), options);
  if (name == "plain") rivals["plain"] = OurSample(make_source(), {});
  if (seconds > 0) {
    Loop(ours, seconds);
  } else if (!name.empty()) {
    Compare(ours, name, rivals.at(name), rounds);
  } else {
    throw std::runtime_error("--rival or --loop-seconds is needed");
  }
  return 0;
}

}  // namespace
}  // namespace conntrack::bench

int main(int argc, char** argv) {
  try {
    return conntrack::bench::Run(argc, argv);
  } catch (const std::exception& error) {
    std::cerr << "dump_bench: " << error.what() << '\n';
    return 1;
  }
}
