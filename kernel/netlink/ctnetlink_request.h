// The only messages that this program can send to the kernel.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

namespace conntrack::kernel {

/// The allow-list. All of these only read. GET_CTRZERO (resets counters), NEW and DELETE (empty, it
/// flushes the table) are not here, and no other code can add a message.
enum class CtnetlinkQuery : std::uint8_t {
  kFlows,               ///< All entries of the namespace: IPCTNL_MSG_CT_GET, a dump.
  kStatPerCpu,          ///< IPCTNL_MSG_CT_GET_STATS_CPU, a dump.
  kStatGlobal,          ///< Entries and limit: IPCTNL_MSG_CT_GET_STATS, one message.
  kExpectationsPerCpu,  ///< IPCTNL_MSG_EXP_GET_STATS_CPU, a dump.
  kExpectations,        ///< All expectations of the namespace: IPCTNL_MSG_EXP_GET, a dump.
};

/// \brief  One request. Read-only by construction: a NetlinkSocket sends only this type, which can
///         only be made from the list above, and its bytes cannot be changed.
/// Source:  include/uapi/linux/netfilter/nfnetlink_conntrack.h; unchanged since 3.10.
class CtnetlinkRequest {
 public:
  CtnetlinkRequest(CtnetlinkQuery query, std::uint32_t sequence);

  [[nodiscard]] CtnetlinkQuery query() const { return query_; }
  [[nodiscard]] std::uint32_t sequence() const { return sequence_; }
  [[nodiscard]] std::span<const std::byte> bytes() const { return bytes_; }

  /// Returns the nlmsg_type of the reply messages that carry content.
  [[nodiscard]] std::uint16_t reply_type() const;
  /// Returns whether the reply is a dump, ended by NLMSG_DONE, or a single message.
  [[nodiscard]] bool is_dump() const;

 private:
  static constexpr std::size_t kSize = 20;  // struct nlmsghdr and struct nfgenmsg, no attributes

  CtnetlinkQuery query_;
  std::uint32_t sequence_;
  std::array<std::byte, kSize> bytes_{};
};

}  // namespace conntrack::kernel
