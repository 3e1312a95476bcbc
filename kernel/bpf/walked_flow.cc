#include "kernel/bpf/walked_flow.h"

#include <endian.h>
#include <linux/netfilter/nf_conntrack_common.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <time.h>

#include <cstring>

#include "kernel/proc/sysctl.h"

namespace conntrack::kernel {
namespace {

constexpr std::uint64_t kNanosecondsASecond = 1'000'000'000;
constexpr std::uint32_t kUsualHz = 250;

std::uint32_t ReadHz() {
  timespec tick{};
  if (::clock_getres(CLOCK_MONOTONIC_COARSE, &tick) != 0 || tick.tv_nsec <= 0) return kUsualHz;
  const auto nanoseconds = static_cast<std::uint64_t>(tick.tv_nsec);
  return static_cast<std::uint32_t>((kNanosecondsASecond + nanoseconds / 2) / nanoseconds);
}

/// Returns whether ctnetlink sends the ports of a tuple. For GRE these are the keys.
bool HasPortAttributes(std::uint8_t protocol) {
  return HasPorts(protocol) || protocol == IPPROTO_GRE;
}

bool HasState(std::uint8_t protocol, const EntryFormat& format) {
  return protocol == IPPROTO_TCP || (protocol == IPPROTO_SCTP && format.sctp) ||
         (protocol == IPPROTO_DCCP && format.dccp);
}

void CopyAddress(Address& to, const __u64 (&from)[2], std::uint8_t family) {
  std::memcpy(to.data(), from, family == AF_INET ? sizeof(in_addr) : sizeof(in6_addr));
}

FlowTuple TupleOf(const flow_walk_tuple& from, std::uint8_t family, bool ports) {
  FlowTuple tuple;
  CopyAddress(tuple.source, from.source, family);
  CopyAddress(tuple.destination, from.destination, family);
  if (ports) {
    tuple.source_port = be16toh(from.source_port);
    tuple.destination_port = be16toh(from.destination_port);
  }
  return tuple;
}

}  // namespace

EntryFormat ReadEntryFormat(const KernelFiles& proc) {
  return {ReadHz(), ReadSysctl(proc, "nf_conntrack_sctp_timeout_closed").has_value(),
          ReadSysctl(proc, "nf_conntrack_dccp_timeout_request").has_value()};
}

Flow ToFlow(const flow_walk_flow& entry, const EntryFormat& format) {
  constexpr unsigned kOriginal = 1U << 0U;
  constexpr unsigned kReply = 1U << 1U;
  Flow flow;
  flow.family = entry.family;
  flow.protocol = entry.protocol;
  flow.status = entry.status;
  if ((entry.status & IPS_OFFLOAD) == 0) {
    flow.timeout = entry.jiffies_left / format.hz;
    if (HasState(entry.protocol, format)) flow.state = entry.state;
  }
  if ((entry.zone_directions & kOriginal) != 0) flow.zone = entry.zone;
  if ((entry.zone_directions & kReply) != 0) flow.reply_zone = entry.zone;
  const bool ports = HasPortAttributes(entry.protocol);
  flow.original = TupleOf(entry.original, flow.family, ports);
  flow.reply = TupleOf(entry.reply, flow.family, ports);
  return flow;
}

}  // namespace conntrack::kernel
