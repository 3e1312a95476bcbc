// What is wrong, in plain words.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "diagnosis/situation.h"

namespace conntrack {

/// What a finding needs, in one place. Shares are of the flows in the table, use is entries by
/// limit. What is "OfLimit" or "OfTcp" is as in alerts/config.libsonnet: what fires is found here.
namespace threshold {

inline constexpr std::uint64_t kFewFlows = 1000;  ///< Shares of fewer flows say nothing.
inline constexpr double kUseThatMatters = 0.10;  ///< Who or what fills an emptier table is no news.
inline constexpr double kUseThatWorries =
    0.50;  ///< From here on what fills the table is a warning.
inline constexpr double kFilling = 0.75;
inline constexpr double kNearlyFull = 0.90;
inline constexpr std::uint64_t kLossSinceBoot = 100;  ///< Packets or evictions; fewer may be rare.
inline constexpr double kUnseenShare = 0.25;          ///< Of the entries; churn takes a tenth.
inline constexpr double kOneWayShare = 0.40;          ///< TCP half open, or never answered.
inline constexpr double kOneWayOfLimit = 0.10;
inline constexpr double kHalfOpenOfTcp = 0.50;
/// A client that gets its answers sends one at least, a forged one none.
inline constexpr double kInvalidPerSynSent = 0.50;
inline constexpr double kSourceShare = 0.50;
inline constexpr double kSourceOfLimit = 0.25;
inline constexpr double kCloseWaitShare = 0.20;
inline constexpr double kCloseWaitOfLimit = 0.20;
inline constexpr std::uint64_t kIdleSeconds = 3600;
inline constexpr std::uint64_t kLongTimeout = 86400;  ///< Seconds; the kernel's is five days.
inline constexpr double kIdleShare = 0.30;
inline constexpr double kUnrepliedShare = 0.30;  ///< Of one protocol other than TCP.
inline constexpr double kUnrepliedOfLimit = 0.20;
inline constexpr double kDnsShare = 0.40;
inline constexpr double kSnatUse = 0.80;
inline constexpr double kSnatNearlyExhausted = 0.98;
inline constexpr double kLimitOfRecommended = 0.50;
inline constexpr double kLongMeanChain = 2.5;  ///< A full table as the kernel makes it has 2.

}  // namespace threshold

enum class Severity {
  kOk,        ///< Nothing is wrong.
  kNotice,    ///< Worth knowing; nothing is lost.
  kWarning,   ///< Will lose packets if it goes on, or loses a few.
  kCritical,  ///< Loses packets now, or is about to.
};

/// "ok", "notice", "warning", "critical"
[[nodiscard]] std::string_view ToString(Severity severity);

struct Finding {
  std::string_view id;  ///< A literal and a contract: docs/report.md has a section for each.
  Severity severity = Severity::kOk;
  std::string headline;               ///< One sentence.
  std::vector<std::string> evidence;  ///< The figures that it rests on.
  std::string next;                   ///< What to do: a command or a page.
};

/// Tells what is wrong with the table, the most severe first; what is unknown leads to no finding.
/// Never empty: where nothing is wrong, it says so, and what that is based on.
[[nodiscard]] std::vector<Finding> Diagnose(const Situation& situation);

}  // namespace conntrack
