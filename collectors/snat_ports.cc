#include "collectors/snat_ports.h"

#include <linux/netfilter/nf_conntrack_common.h>
#include <sys/socket.h>

#include <functional>
#include <map>

#include "collectors/address_prefix.h"
#include "collectors/kernel/flow_names.h"

namespace conntrack {
namespace {

constexpr std::size_t kCapacity = 8192;

}  // namespace

std::uint64_t SnatSummary::TuplesAbove(std::uint64_t ports) const {
  std::uint64_t above = 0;
  for (const auto& use : uses) {
    if (use.ports <= ports) break;
    above += use.tuples;
  }
  return above;
}

SnatPorts::SnatPorts(std::size_t top) : top_(top), pools_(kCapacity) {}

void SnatPorts::Begin() { pools_.Clear(); }

void SnatPorts::Visit(const kernel::Flow& flow) {
  if ((flow.status & IPS_SRC_NAT) == 0 || !kernel::HasPorts(flow.protocol)) return;
  const auto& reply = flow.reply;
  pools_.Add({reply.destination, reply.source, reply.source_port, flow.reply_zone, flow.family,
              flow.protocol});
}

SnatSummary SnatPorts::Summary() const {
  std::map<std::uint32_t, std::uint32_t, std::greater<>> tuples_by_ports;
  for (const auto& item : pools_.items()) ++tuples_by_ports[item.count];
  SnatSummary summary{MakeTopList<SnatTuple>(pools_, top_, NameOf), {}};
  for (const auto& [ports, tuples] : tuples_by_ports) summary.uses.push_back({ports, tuples});
  return summary;
}

SnatTuple SnatPorts::NameOf(const Pool& pool) {
  const auto length = static_cast<std::uint8_t>(AddressBits(pool.family));
  return {ToString({pool.family, length, pool.address}), kernel::ProtocolName(pool.protocol),
          ToString({pool.family, length, pool.remote_address}), std::to_string(pool.remote_port),
          std::to_string(pool.zone)};
}

}  // namespace conntrack
