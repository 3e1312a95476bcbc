#include "collectors/flows/snat_ports.h"

#include <linux/netfilter/nf_conntrack_common.h>
#include <sys/socket.h>

#include <functional>
#include <map>

#include "collectors/flows/address_prefix.h"
#include "kernel/flow.h"

namespace conntrack {
namespace {

constexpr std::size_t kCapacity = 8192;

// Positions in SnatPorts::Pool::rest.
constexpr unsigned kPortShift = 32;
constexpr unsigned kZoneShift = 16;
constexpr unsigned kFamilyShift = 8;

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
  const auto rest = std::uint64_t{reply.source_port} << kPortShift |
                    std::uint64_t{flow.reply_zone} << kZoneShift |
                    std::uint64_t{flow.family} << kFamilyShift | flow.protocol;
  pools_.Add({reply.destination, reply.source, rest});
}

SnatSummary SnatPorts::Summary() const {
  std::map<std::uint32_t, std::uint32_t, std::greater<>> tuples_by_ports;
  for (const auto& item : pools_.items()) ++tuples_by_ports[item.count];
  SnatSummary summary{MakeTopList<SnatTuple>(pools_, top_, NameOf), {}};
  for (const auto& [ports, tuples] : tuples_by_ports) summary.uses.push_back({ports, tuples});
  return summary;
}

SnatTuple SnatPorts::NameOf(const Pool& pool) {
  const auto family = static_cast<std::uint8_t>(pool.rest >> kFamilyShift);
  const auto length = static_cast<std::uint8_t>(AddressBits(family));
  return {ToString({family, length, pool.address}),
          kernel::ProtocolName(static_cast<std::uint8_t>(pool.rest)),
          ToString({family, length, pool.remote_address}),
          std::to_string(static_cast<std::uint16_t>(pool.rest >> kPortShift)),
          std::to_string(static_cast<std::uint16_t>(pool.rest >> kZoneShift))};
}

}  // namespace conntrack
