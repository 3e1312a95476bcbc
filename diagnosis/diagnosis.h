// Diagnosis of the connection tracking table.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "diagnosis/situation.h"

namespace conntrack {

/// Thresholds of the findings. Shares are shares of the flows in the table; use is entries divided
/// by limit. Constants with "OfLimit" or "OfTcp" are the same as in alerts/config.libsonnet, so
/// that each condition that fires an alert also has a finding.
namespace threshold {

inline constexpr std::uint64_t kFewFlows = 1000;  ///< Shares of fewer flows mean nothing.
inline constexpr double kUseThatMatters = 0.10;   ///< Below this, composition is not reported.
inline constexpr double kUseThatWorries = 0.50;   ///< From here on, composition is a warning.
inline constexpr double kFilling = 0.75;
inline constexpr double kNearlyFull = 0.90;
inline constexpr std::uint64_t kLossSinceBoot = 100;  ///< Packets or evictions; fewer are noise.
inline constexpr double kUnseenShare = 0.25;          ///< Of the entries; churn accounts for 10 %.
inline constexpr double kOneWayShare = 0.40;  ///< TCP flows that are half-open or unreplied.
inline constexpr double kOneWayOfLimit = 0.10;
inline constexpr double kHalfOpenOfTcp = 0.50;
/// A client that gets its answers sends at least one INVALID packet, a forged client none.
inline constexpr double kInvalidPerSynSent = 0.50;
inline constexpr double kSourceShare = 0.50;
inline constexpr double kSourceOfLimit = 0.25;
inline constexpr double kCloseWaitShare = 0.20;
inline constexpr double kCloseWaitOfLimit = 0.20;
inline constexpr std::uint64_t kIdleSeconds = 3600;
inline constexpr std::uint64_t kLongTimeout = 86400;  ///< Seconds; the kernel's default is 5 days.
inline constexpr double kIdleShare = 0.30;
inline constexpr double kUnrepliedShare = 0.30;  ///< Of a protocol other than TCP.
inline constexpr double kUnrepliedOfLimit = 0.20;
inline constexpr double kDnsShare = 0.40;
inline constexpr double kSnatUse = 0.80;
inline constexpr double kSnatNearlyExhausted = 0.98;
inline constexpr double kLimitOfRecommended = 0.50;
inline constexpr double kLongMeanChain = 2.5;  ///< A full table with default buckets has 2.

}  // namespace threshold

enum class Severity {
  kOk,
  kNotice,    ///< Worth knowing; no loss.
  kWarning,   ///< Few losses, or losses if it continues.
  kCritical,  ///< Losses now or soon.
};

/// Returns "ok", "notice", "warning" or "critical".
[[nodiscard]] std::string_view ToString(Severity severity);

struct Finding {
  std::string_view id;  ///< A literal. Stable: docs/report.md has a section for each.
  Severity severity = Severity::kOk;
  std::string headline;               ///< One sentence.
  std::vector<std::string> evidence;  ///< The figures it is based on.
  std::string next;                   ///< What to do: a command or a page.
};

/// Returns the findings, the most severe first. Unknown figures cause no finding. The result is
/// never empty: if nothing is wrong, it has one finding that says so and what was examined.
[[nodiscard]] std::vector<Finding> Diagnose(const Situation& situation);

}  // namespace conntrack
