#include "tests/live/varied_table.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <sched.h>
#include <unistd.h>

#include <libnetfilter_conntrack/libnetfilter_conntrack.h>
#include <libnetfilter_conntrack/libnetfilter_conntrack_sctp.h>
#include <libnetfilter_conntrack/libnetfilter_conntrack_tcp.h>
#include <linux/netfilter/nf_conntrack_common.h>

#include <cerrno>
#include <cstring>
#include <fstream>
#include <functional>
#include <memory>
#include <system_error>

namespace conntrack::test {
namespace {

struct FreeConntrack {
  void operator()(nf_conntrack* flow) const { nfct_destroy(flow); }
};
using Conntrack = std::unique_ptr<nf_conntrack, FreeConntrack>;

struct CloseHandle {
  void operator()(nfct_handle* handle) const { nfct_close(handle); }
};
using Handle = std::unique_ptr<nfct_handle, CloseHandle>;

using Change = std::function<void(nf_conntrack*)>;

/// Makes flows, each with ports of its own, and sends them.
class Filler {
 public:
  /// The first flow has the number after `first`.
  explicit Filler(int first = 0) : handle_(nfct_open(CONNTRACK, 0)), count_(first) {
    if (!handle_) throw std::system_error(errno, std::generic_category(), "nfct_open");
  }

  void Add(
      std::uint8_t family, std::uint8_t protocol, const Change& change = [](nf_conntrack*) {}) {
    const Conntrack flow(nfct_new());
    ++count_;
    SetTuple(flow.get(), family, protocol);
    nfct_set_attr_u32(flow.get(), ATTR_TIMEOUT, static_cast<std::uint32_t>(100 + count_));
    nfct_set_attr_u32(flow.get(), ATTR_STATUS, IPS_CONFIRMED);
    change(flow.get());
    nfct_setobjopt(flow.get(), NFCT_SOPT_SETUP_REPLY);
    if (nfct_query(handle_.get(), NFCT_Q_CREATE, flow.get()) != 0) {
      throw std::system_error(
          errno, std::generic_category(),
          "flow " + std::to_string(count_) + " of protocol " + std::to_string(protocol));
    }
  }

  void Remove(std::uint8_t family, std::uint8_t protocol) {
    const Conntrack flow(nfct_new());
    ++count_;
    SetTuple(flow.get(), family, protocol);
    if (nfct_query(handle_.get(), NFCT_Q_DESTROY, flow.get()) != 0) {
      throw std::system_error(errno, std::generic_category(), "removing a flow");
    }
  }

  [[nodiscard]] int count() const { return count_; }

 private:
  void SetTuple(nf_conntrack* flow, std::uint8_t family, std::uint8_t protocol) const {
    nfct_set_attr_u8(flow, ATTR_L3PROTO, family);
    nfct_set_attr_u8(flow, ATTR_L4PROTO, protocol);
    if (family == AF_INET6) {
      in6_addr address{};
      ::inet_pton(AF_INET6, "2001:db8::", &address);
      address.s6_addr[15] = static_cast<std::uint8_t>(count_);
      nfct_set_attr(flow, ATTR_IPV6_SRC, &address);
      ::inet_pton(AF_INET6, "2001:db8:1::", &address);
      nfct_set_attr(flow, ATTR_IPV6_DST, &address);
    } else {
      nfct_set_attr_u32(flow, ATTR_IPV4_SRC,
                        htonl(0x0a000000U + static_cast<std::uint32_t>(count_)));
      nfct_set_attr_u32(flow, ATTR_IPV4_DST, htonl(0x0a010001U));
    }
    if (protocol == IPPROTO_ICMP || protocol == IPPROTO_ICMPV6) {
      nfct_set_attr_u8(flow, ATTR_ICMP_TYPE, protocol == IPPROTO_ICMP ? 8 : 128);
      nfct_set_attr_u8(flow, ATTR_ICMP_CODE, 0);
      nfct_set_attr_u16(flow, ATTR_ICMP_ID, htons(static_cast<std::uint16_t>(count_)));
    } else if (protocol != kUnknownProtocol) {
      nfct_set_attr_u16(flow, ATTR_PORT_SRC, htons(static_cast<std::uint16_t>(1000 + count_)));
      nfct_set_attr_u16(flow, ATTR_PORT_DST, htons(80));
    }
  }

 public:
  static constexpr std::uint8_t kUnknownProtocol = 253;

 private:
  Handle handle_;
  int count_;
};

Change Status(std::uint32_t status) {
  return [status](nf_conntrack* flow) {
    nfct_set_attr_u32(flow, ATTR_STATUS, IPS_CONFIRMED | status);
  };
}

void AddStates(Filler& filler, std::uint8_t family) {
  for (std::uint8_t state = TCP_CONNTRACK_NONE; state <= TCP_CONNTRACK_SYN_SENT2; ++state) {
    filler.Add(family, IPPROTO_TCP,
               [state](nf_conntrack* flow) { nfct_set_attr_u8(flow, ATTR_TCP_STATE, state); });
  }
  for (std::uint8_t state = SCTP_CONNTRACK_NONE; state <= SCTP_CONNTRACK_SHUTDOWN_ACK_SENT;
       ++state) {
    filler.Add(family, IPPROTO_SCTP, [state](nf_conntrack* flow) {
      nfct_set_attr_u8(flow, ATTR_SCTP_STATE, state);
      nfct_set_attr_u32(flow, ATTR_SCTP_VTAG_ORIG, 1);
      nfct_set_attr_u32(flow, ATTR_SCTP_VTAG_REPL, 2);
    });
  }
}

void AddProtocols(Filler& filler, std::uint8_t family) {
  for (const std::uint8_t protocol :
       {std::uint8_t{IPPROTO_UDP}, std::uint8_t{IPPROTO_GRE}, Filler::kUnknownProtocol}) {
    filler.Add(family, protocol);
    filler.Add(family, protocol, Status(IPS_SEEN_REPLY));
    filler.Add(family, protocol, Status(IPS_SEEN_REPLY | IPS_ASSURED));
  }
  filler.Add(family, family == AF_INET ? std::uint8_t{IPPROTO_ICMP} : std::uint8_t{IPPROTO_ICMPV6});
  filler.Add(family, IPPROTO_UDP, Status(IPS_FIXED_TIMEOUT));
  filler.Add(family, IPPROTO_UDP,
             [](nf_conntrack* flow) { nfct_set_attr_u32(flow, ATTR_MARK, 0x1234); });
  filler.Add(family, IPPROTO_UDP,
             [](nf_conntrack* flow) { nfct_set_attr_u16(flow, ATTR_ZONE, 7); });
  filler.Add(family, IPPROTO_UDP,
             [](nf_conntrack* flow) { nfct_set_attr_u16(flow, ATTR_ORIG_ZONE, 8); });
  filler.Add(family, IPPROTO_UDP,
             [](nf_conntrack* flow) { nfct_set_attr_u16(flow, ATTR_REPL_ZONE, 9); });
  filler.Add(family, IPPROTO_UDP, [](nf_conntrack* flow) {
    nfct_bitmask* labels = nfct_bitmask_new(127);
    nfct_bitmask_set_bit(labels, 3);
    nfct_set_attr(flow, ATTR_CONNLABELS, labels);  // the flow owns it
  });
}

void AddNat(Filler& filler) {
  filler.Add(AF_INET, IPPROTO_TCP, [](nf_conntrack* flow) {
    nfct_set_attr_u8(flow, ATTR_TCP_STATE, TCP_CONNTRACK_ESTABLISHED);
    nfct_set_attr_u32(flow, ATTR_SNAT_IPV4, htonl(0xc0000201U));
  });
  filler.Add(AF_INET, IPPROTO_UDP, [](nf_conntrack* flow) {
    nfct_set_attr_u32(flow, ATTR_DNAT_IPV4, htonl(0xc0000202U));
    nfct_set_attr_u16(flow, ATTR_DNAT_PORT, htons(8080));
  });
}

/// A flow that announces another, with the helper that would have seen the announcement.
void AddExpectation() {
  constexpr std::uint8_t kAnyPort = 0;
  const Conntrack master(nfct_new());
  const Conntrack expected(nfct_new());
  const Conntrack mask(nfct_new());
  for (auto* tuple : {master.get(), expected.get()}) {
    nfct_set_attr_u8(tuple, ATTR_L3PROTO, AF_INET);
    nfct_set_attr_u8(tuple, ATTR_L4PROTO, IPPROTO_TCP);
    nfct_set_attr_u32(tuple, ATTR_IPV4_SRC, htonl(0x0a020001U));
    nfct_set_attr_u32(tuple, ATTR_IPV4_DST, htonl(0x0a020002U));
  }
  nfct_set_attr_u16(master.get(), ATTR_PORT_SRC, htons(41000));
  nfct_set_attr_u16(master.get(), ATTR_PORT_DST, htons(21));
  nfct_set_attr_u16(expected.get(), ATTR_PORT_SRC, kAnyPort);
  nfct_set_attr_u16(expected.get(), ATTR_PORT_DST, htons(41020));
  nfct_set_attr_u8(mask.get(), ATTR_L3PROTO, AF_INET);
  nfct_set_attr_u8(mask.get(), ATTR_L4PROTO, IPPROTO_TCP);
  nfct_set_attr_u32(mask.get(), ATTR_IPV4_SRC, 0xffffffffU);
  nfct_set_attr_u32(mask.get(), ATTR_IPV4_DST, 0xffffffffU);
  nfct_set_attr_u16(mask.get(), ATTR_PORT_SRC, 0);
  nfct_set_attr_u16(mask.get(), ATTR_PORT_DST, 0xffffU);

  const Conntrack flow(nfct_clone(master.get()));
  nfct_set_attr_u32(flow.get(), ATTR_TIMEOUT, 300);
  nfct_set_attr_u8(flow.get(), ATTR_TCP_STATE, TCP_CONNTRACK_ESTABLISHED);
  nfct_set_attr(flow.get(), ATTR_HELPER_NAME, "ftp");
  nfct_setobjopt(flow.get(), NFCT_SOPT_SETUP_REPLY);
  const Handle flows(nfct_open(CONNTRACK, 0));
  if (nfct_query(flows.get(), NFCT_Q_CREATE, flow.get()) != 0) {
    throw std::system_error(errno, std::generic_category(), "a flow with the helper ftp");
  }

  const std::unique_ptr<nf_expect, decltype(&nfexp_destroy)> expectation(nfexp_new(),
                                                                         nfexp_destroy);
  nfexp_set_attr(expectation.get(), ATTR_EXP_MASTER, master.get());
  nfexp_set_attr(expectation.get(), ATTR_EXP_EXPECTED, expected.get());
  nfexp_set_attr(expectation.get(), ATTR_EXP_MASK, mask.get());
  nfexp_set_attr_u32(expectation.get(), ATTR_EXP_TIMEOUT, 300);
  const Handle expectations(nfct_open(EXPECT, 0));
  if (nfexp_query(expectations.get(), NFCT_Q_CREATE, expectation.get()) != 0) {
    throw std::system_error(errno, std::generic_category(), "an expectation");
  }
}

bool WriteFile(const char* path, const std::string& text) {
  std::ofstream file(path);
  file << text;
  return static_cast<bool>(file.flush());
}

}  // namespace

std::string EnterOwnNamespace() {
  const auto uid = std::to_string(::geteuid());
  const auto gid = std::to_string(::getegid());
  const bool root = ::geteuid() == 0;
  if (::unshare(root ? CLONE_NEWNET : CLONE_NEWUSER | CLONE_NEWNET) != 0) {
    return std::string("unshare: ") + std::strerror(errno) +
           (root ? "" : " (unprivileged user namespaces are off here)");
  }
  if (!root && !(WriteFile("/proc/self/setgroups", "deny") &&
                 WriteFile("/proc/self/uid_map", "0 " + uid + " 1") &&
                 WriteFile("/proc/self/gid_map", "0 " + gid + " 1"))) {
    return "the user namespace refuses its maps";
  }
  return {};
}

int FillVariedTable() {
  // Of this namespace alone; more attributes in every message. The kernel may be built without one
  // of them.
  WriteFile("/proc/sys/net/netfilter/nf_conntrack_acct", "1");
  WriteFile("/proc/sys/net/netfilter/nf_conntrack_timestamp", "1");
  Filler filler;
  for (const std::uint8_t family : {std::uint8_t{AF_INET}, std::uint8_t{AF_INET6}}) {
    AddStates(filler, family);
    AddProtocols(filler, family);
  }
  AddNat(filler);
  AddExpectation();
  return filler.count() + 1;
}

void FillNumbered(int first, int count, std::uint32_t timeout_seconds) {
  Filler filler(first);
  for (int i = 0; i < count; ++i) {
    filler.Add(AF_INET, IPPROTO_UDP, [timeout_seconds](nf_conntrack* flow) {
      nfct_set_attr_u32(flow, ATTR_TIMEOUT, timeout_seconds);
    });
  }
}

void RemoveNumbered(int first, int count) {
  Filler filler(first);
  for (int i = 0; i < count; ++i) filler.Remove(AF_INET, IPPROTO_UDP);
}

void RemoveAll() {
  const Handle handle(nfct_open(CONNTRACK, 0));
  const std::uint32_t family = AF_INET;
  if (!handle || nfct_query(handle.get(), NFCT_Q_FLUSH, &family) != 0) {
    throw std::system_error(errno, std::generic_category(), "removing all flows");
  }
}

}  // namespace conntrack::test
