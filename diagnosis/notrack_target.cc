#include "diagnosis/notrack_target.h"

#include <netinet/in.h>

#include <algorithm>
#include <array>
#include <utility>

#include "kernel/text.h"

namespace conntrack {
namespace {

constexpr std::uint8_t kOspf = 89;

const std::array<NamedTarget, 7> kKnown = {{
    {"bgp", {IPPROTO_TCP, 179, {}}},
    {"ospf", {kOspf, 0, {}}},
    {"gre", {IPPROTO_GRE, 0, {}}},
    {"esp", {IPPROTO_ESP, 0, {}}},
    {"ipip", {IPPROTO_IPIP, 0, {}}},
    {"vxlan", {IPPROTO_UDP, 4789, {}}},
    {"geneve", {IPPROTO_UDP, 6081, {}}},
}};

constexpr std::array<std::pair<std::string_view, std::uint8_t>, 3> kWithPorts = {
    {{"tcp", IPPROTO_TCP}, {"udp", IPPROTO_UDP}, {"sctp", IPPROTO_SCTP}}};

}  // namespace

std::span<const NamedTarget> KnownTargets() { return kKnown; }

std::string ProtocolOf(const NotrackTarget& target) {
  for (const auto& [name, number] : kWithPorts) {
    if (number == target.protocol) return std::string(name);
  }
  return std::to_string(target.protocol);
}

std::string ToString(const NotrackTarget& target) {
  if (target.network) return ToString(*target.network);
  for (const auto& [name, known] : kKnown) {
    if (known == target) return std::string(name);
  }
  return ProtocolOf(target) + "/" + std::to_string(target.port);
}

Result<NotrackTarget> ParseNotrackTarget(std::string_view text) {
  for (const auto& [name, target] : kKnown) {
    if (name == text) return target;
  }
  const auto slash = text.find('/');
  for (const auto& [name, number] : kWithPorts) {
    if (slash == std::string_view::npos || text.substr(0, slash) != name) continue;
    const auto port = kernel::ParseNumber<std::uint16_t>(text.substr(slash + 1));
    if (port && *port != 0) return NotrackTarget{number, *port, {}};
    return Fail(ErrorKind::kMalformed, "\"" + std::string(text) + "\" has no port of 1 to 65535");
  }
  // Parse as an address only if it looks like one.
  if (text.substr(0, slash).find_first_of(".:") != std::string_view::npos) {
    const auto network = ParseAddressPrefix(text);
    if (!network) return Fail(network.error());
    // No packet has an IPv4-mapped address; only sockets use them.
    if (ToString(*network).starts_with("::ffff:")) {
      return Fail(ErrorKind::kMalformed,
                  "\"" + std::string(text) + "\" is in no packet: IPv4 is given as 192.0.2.0/24");
    }
    return NotrackTarget{0, 0, *network};
  }
  std::string known;
  for (const auto& [name, target] : kKnown) known += std::string(name) + ", ";
  return Fail(ErrorKind::kMalformed, "\"" + std::string(text) + "\" is none of " + known +
                                         "PROTO/PORT with tcp, udp or sctp, or a network");
}

bool Concerns(const NotrackTarget& target, const kernel::Flow& flow) {
  if (const auto& network = target.network) {
    const auto mask = MaskOf(network->length);
    const auto within = [&](const kernel::Address& address) {
      return Masked(address, mask) == network->address;
    };
    return flow.family == network->family &&
           (within(flow.original.source) || within(flow.original.destination) ||
            within(flow.reply.source) || within(flow.reply.destination));
  }
  const auto ports = {flow.original.source_port, flow.original.destination_port,
                      flow.reply.source_port, flow.reply.destination_port};
  return flow.protocol == target.protocol &&
         (target.port == 0 || std::ranges::find(ports, target.port) != ports.end());
}

}  // namespace conntrack
