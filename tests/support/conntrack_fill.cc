// conntrack_fill: puts flows into the connection tracking table of the network namespace that it
// runs in.
//
// A tool of the tests and benchmarks. It is never installed and shares no code with the exporter,
// which can only read.
#include <errno.h>
#include <libmnl/libmnl.h>
#include <linux/netfilter/nfnetlink.h>
#include <linux/netlink.h>
#include <sys/socket.h>
#include <time.h>

#include <CLI/CLI.hpp>
#include <chrono>
#include <cstdint>
#include <cstring>
#include <fstream>
#include <iostream>
#include <map>
#include <memory>
#include <string>
#include <system_error>
#include <vector>

#include "tests/support/flow_mix.h"

namespace conntrack::fill {

namespace {

struct CloseSocket {
  void operator()(mnl_socket* socket) const { mnl_socket_close(socket); }
};
using Socket = std::unique_ptr<mnl_socket, CloseSocket>;

// Errors come back one datagram a message; 200 of them fit a socket's default receive buffer, so
// none gets lost.
constexpr std::uint32_t kBatch = 200;

[[noreturn]] void Throw(int code, const char* what) {
  throw std::system_error(code, std::generic_category(), what);
}

Socket OpenSocket() {
  Socket socket(mnl_socket_open(NETLINK_NETFILTER));
  if (!socket) Throw(errno, "opening a NETLINK_NETFILTER socket");
  if (mnl_socket_bind(socket.get(), 0, MNL_SOCKET_AUTOPID) < 0)
    Throw(errno, "binding the netlink socket");
  int on = 1;  // without it every error carries the whole message back
  if (mnl_socket_setsockopt(socket.get(), NETLINK_CAP_ACK, &on, sizeof(on)) < 0)
    Throw(errno, "NETLINK_CAP_ACK");
  const timeval patience = {30, 0};
  if (setsockopt(mnl_socket_get_fd(socket.get()), SOL_SOCKET, SO_RCVTIMEO, &patience,
                 sizeof(patience)) < 0) {
    Throw(errno, "SO_RCVTIMEO");
  }
  return socket;
}

/// What became of the flows that were sent.
struct Outcome {
  std::uint32_t inserted = 0;
  int error = 0;  // errno of the first that was refused
};

/// Sends flows in batches and stops at the first batch in which one was refused.
class Writer {
 public:
  Writer() : socket_(OpenSocket()), batch_(kBatch * kMaxMessage), answers_(32768) {}

  Outcome Insert(const std::vector<Shape>& shapes, std::uint32_t first, std::uint32_t count,
                 const FillOptions& options) {
    Outcome outcome;
    for (std::uint32_t done = 0; done < count && outcome.error == 0; done += kBatch) {
      const std::uint32_t size = std::min(kBatch, count - done);
      SendBatch(shapes, first + done, size, options);
      const Outcome part = ReadAnswers(size);
      outcome.inserted += part.inserted;
      outcome.error = part.error;
    }
    return outcome;
  }

 private:
  void SendBatch(const std::vector<Shape>& shapes, std::uint32_t first, std::uint32_t size,
                 const FillOptions& options) {
    std::size_t used = 0;
    for (std::uint32_t n = 0; n < size; ++n) {
      const std::uint32_t index = first + n;
      nlmsghdr* message = BuildFlow(&batch_[used], shapes[index % shapes.size()], index, options);
      message->nlmsg_seq = ++sequence_;
      if (n + 1 == size) message->nlmsg_flags |= NLM_F_ACK;
      used += NLMSG_ALIGN(message->nlmsg_len);
    }
    if (mnl_socket_sendto(socket_.get(), batch_.data(), used) < 0) Throw(errno, "sending flows");
  }

  /// Only refused messages are answered, and the last one in any case.
  Outcome ReadAnswers(std::uint32_t size) {
    Outcome outcome{size, 0};
    for (bool last = false; !last;) {
      const ssize_t length = mnl_socket_recvfrom(socket_.get(), answers_.data(), answers_.size());
      if (length < 0) Throw(errno, "receiving the kernel's answer");
      int rest = static_cast<int>(length);
      for (auto* answer = reinterpret_cast<nlmsghdr*>(answers_.data()); mnl_nlmsg_ok(answer, rest);
           answer = mnl_nlmsg_next(answer, &rest)) {
        if (answer->nlmsg_type != NLMSG_ERROR) continue;
        const int error = -static_cast<nlmsgerr*>(mnl_nlmsg_get_payload(answer))->error;
        // Without the capability the kernel looks at no message but the first.
        if (error == EPERM) return Outcome{0, EPERM};
        if (error != 0) --outcome.inserted;
        if (outcome.error == 0) outcome.error = error;
        last = answer->nlmsg_seq == sequence_;
      }
    }
    return outcome;
  }

  Socket socket_;
  std::vector<char> batch_;
  std::vector<char> answers_;
  std::uint32_t sequence_ = 0;
};

std::string Remedy(int code) {
  switch (code) {
    case EPERM:
      return "inserting flows needs CAP_NET_ADMIN in this namespace: run as root, or under "
             "`unshare -Urn`";
    case ENOMEM: {
      std::string limit;
      std::ifstream("/proc/sys/net/netfilter/nf_conntrack_max") >> limit;
      return "the table is full at nf_conntrack_max=" + limit +
             ", or the kernel has no memory left";
    }
    case EEXIST:
      return "a flow with this tuple is there already: start in a fresh namespace, or give another "
             "--first";
    case EOPNOTSUPP:
    case EPROTONOSUPPORT:
      return "this kernel has no ctnetlink, or lacks one of the protocols of the profile";
    case ENOSPC:
      return "a hash chain is too long (raise nf_conntrack_buckets), or --labels without a rule "
             "that uses `ct label`";
    default:
      return "";
  }
}

int Report(const Outcome& outcome, std::chrono::duration<double> elapsed) {
  std::cout << "inserted " << outcome.inserted << " flows in " << elapsed.count() << " s\n";
  if (outcome.error == 0) return 0;
  std::cerr << "conntrack_fill: refused: " << std::strerror(outcome.error);
  const std::string remedy = Remedy(outcome.error);
  std::cerr << (remedy.empty() ? "" : "; ") << remedy << '\n';
  return 1;
}

const std::map<std::string, std::vector<Shape> (*)()> kProfiles = {{"tcp", TcpShapes},
                                                                   {"snat", SnatShapes},
                                                                   {"mixed", MixedShapes},
                                                                   {"syn-flood", SynFloodShapes},
                                                                   {"close-wait", CloseWaitShapes},
                                                                   {"dns", DnsShapes}};

int Run(int argc, char** argv) {
  CLI::App app("Puts flows into the connection tracking table of the current network namespace.");
  std::uint32_t count = 1000;
  std::uint32_t first = 0;
  std::string profile = "tcp";
  FillOptions options{1000, 0, false, false};
  app.add_option("--count", count, "How many flows")->capture_default_str();
  app.add_option(
         "--profile", profile,
         "tcp: established IPv4 TCP; snat: the same behind source NAT; mixed: both families, "
         "many protocols, NAT, zones; "
         "syn-flood, close-wait, dns: what is wrong by that name")
      ->check(CLI::IsMember(kProfiles))
      ->capture_default_str();
  app.add_flag("--assured", options.assured,
               "Every flow has seen a reply and is assured: early drop spares it");
  app.add_option("--sources", options.sources, "Distinct source addresses")
      ->check(CLI::Range(1U, 1U << 20))
      ->capture_default_str();
  app.add_option("--timeout", options.timeout,
                 "Seconds until the flows expire (0: 10 minutes to a day, varied)")
      ->capture_default_str();
  app.add_option("--first", first,
                 "Number of the first flow; runs with other numbers make other flows")
      ->capture_default_str();
  app.add_flag("--labels", options.labels,
               "Connection labels on every flow (needs a rule that uses `ct label`)");
  CLI11_PARSE(app, argc, argv);

  const auto shapes = kProfiles.at(profile)();
  const auto start = std::chrono::steady_clock::now();
  const Outcome outcome = Writer().Insert(shapes, first, count, options);
  return Report(outcome, std::chrono::steady_clock::now() - start);
}

}  // namespace

}  // namespace conntrack::fill

int main(int argc, char** argv) {
  try {
    return conntrack::fill::Run(argc, argv);
  } catch (const std::system_error& error) {
    const std::string remedy = conntrack::fill::Remedy(error.code().value());
    std::cerr << "conntrack_fill: " << error.what() << (remedy.empty() ? "" : "; ") << remedy
              << '\n';
    return 1;
  }
}
