// The only messages that this program can send to the kernel.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

namespace conntrack::kernel {

/// The allow-list. All of it only reads: no GET_CTRZERO (resets counters), NEW or DELETE (an empty
/// one flushes the table), and no way to add one but here.
enum class CtnetlinkQuery : std::uint8_t {
  kFlows,               ///< Every entry of the namespace: IPCTNL_MSG_CT_GET, dumped.
  kStatPerCpu,          ///< IPCTNL_MSG_CT_GET_STATS_CPU, dumped.
  kStatGlobal,          ///< Entries and limit: IPCTNL_MSG_CT_GET_STATS, one message.
  kExpectationsPerCpu,  ///< IPCTNL_MSG_EXP_GET_STATS_CPU, dumped.
  kExpectations,        ///< Every expectation of the namespace: IPCTNL_MSG_EXP_GET, dumped.
};

/// \brief  One request. Read-only by construction: a NetlinkSocket sends only this type, which is
///         only made from the list above, and its bytes cannot be changed.
/// Source:  include/uapi/linux/netfilter/nfnetlink_conntrack.h; the same since 3.10.
class CtnetlinkRequest {
 public:
  CtnetlinkRequest(CtnetlinkQuery query, std::uint32_t sequence);

  [[nodiscard]] CtnetlinkQuery query() const { return query_; }
  [[nodiscard]] std::uint32_t sequence() const { return sequence_; }
  [[nodiscard]] std::span<const std::byte> bytes() const { return bytes_; }

  /// The nlmsg_type of the messages that answer with content.
  [[nodiscard]] std::uint16_t reply_type() const;
  /// Whether the answer is a dump, ended by NLMSG_DONE, or a single message.
  [[nodiscard]] bool is_dump() const;

 private:
  static constexpr std::size_t kSize = 20;  // struct nlmsghdr and struct nfgenmsg, no attributes

  CtnetlinkQuery query_;
  std::uint32_t sequence_;
  std::array<std::byte, kSize> bytes_{};
};

}  // namespace conntrack::kernel
