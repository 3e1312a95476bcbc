// The flows that conntrack_fill puts into a table: what each looks like, and the ctnetlink message
// that makes it.
#pragma once

#include <libmnl/libmnl.h>

#include <cstdint>
#include <vector>

namespace conntrack::fill {

enum class Nat { kNone, kSource, kDestination };
enum class ZoneSide { kBoth, kOriginal, kReply };

/// What flows of one kind have in common.
struct Shape {
  std::uint8_t family = 0;    ///< AF_INET or AF_INET6.
  std::uint8_t protocol = 0;  ///< IPPROTO_*; one that the kernel does not track by ports is fine.
  std::uint8_t state = 0;     ///< TCP and SCTP only: the kernel's number.
  std::uint32_t status = 0;   ///< IPS_* bits; IPS_CONFIRMED is always added.
  Nat nat = Nat::kNone;
  std::uint16_t zone = 0;  ///< 0: no zone.
  ZoneSide zone_side = ZoneSide::kBoth;
  std::uint32_t mark = 0;
  std::uint16_t service = 443;  ///< Destination port of protocols that have ports.
};

/// Established IPv4 TCP flows, the cheapest table to reason about.
[[nodiscard]] std::vector<Shape> TcpShapes();

/// Established IPv4 TCP flows, each behind source NAT.
[[nodiscard]] std::vector<Shape> SnatShapes();

/// \brief  Flows of every sort that a dump can show, in a fixed order.
/// The n-th shape occurs n times (`Shape` number 1 once, number 2 twice, ...), so that no two sorts
/// are equally frequent and a mix-up of two labels cannot go unnoticed.
[[nodiscard]] std::vector<Shape> MixedShapes();

/// Handshakes that do not end: two of SYN_SENT for each of SYN_RECV.
[[nodiscard]] std::vector<Shape> SynFloodShapes();

/// TCP that one end has closed and the other has not.
[[nodiscard]] std::vector<Shape> CloseWaitShapes();

/// Lookups of names that nobody has answered.
[[nodiscard]] std::vector<Shape> DnsShapes();

/// Settings for all flows of one run.
struct FillOptions {
  std::uint32_t sources = 0;  ///< Distinct source addresses of flows that have ports; at least 1.
  std::uint32_t timeout =
      0;  ///< Remaining lifetime in seconds; 0: from 10 minutes to a day, different for each flow.
  bool assured = false;  ///< Add IPS_SEEN_REPLY and IPS_ASSURED to every flow.
  bool labels =
      false;  ///< Connection labels on every flow; the namespace needs a rule that uses them.
};

/// \brief  Writes the message that creates flow number `index` at `buffer`.
/// Flows with different numbers below 2^32 never have the same tuple. The caller sets sequence
/// number and more flags. \param buffer  has room for kMaxMessage bytes.
nlmsghdr* BuildFlow(void* buffer, const Shape& shape, std::uint32_t index,
                    const FillOptions& options);

inline constexpr std::size_t kMaxMessage = 1024;

}  // namespace conntrack::fill
