// What the last day was like, minute by minute.
#pragma once

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "collectors/flows/flow_sampler.h"
#include "diagnosis/loss_by_cause.h"
#include "kernel/proc/conntrack_stat.h"
#include "kernel/proc/machine.h"

namespace conntrack {

inline constexpr std::size_t kHourMinutes = 60;
inline constexpr std::size_t kDayMinutes = 24 * kHourMinutes;

/// Lowest, mean and highest value of a minute; unknown where nothing was read in it. Floats are
/// exact up to 16.7 million.
struct MinuteFigures {
  static constexpr float kUnknown = std::numeric_limits<float>::quiet_NaN();

  float minimum = kUnknown;
  float mean = kUnknown;
  float maximum = kUnknown;

  [[nodiscard]] bool known() const { return mean == mean; }
};

/// Subjects of series.
inline constexpr std::string_view kEntriesSubject = "entries";
inline constexpr std::string_view kLimitSubject = "limit";
inline constexpr std::string_view kFlowsSubject = "flows";      ///< By protocol and state.
inline constexpr std::string_view kLostSubject = "lost";        ///< By cause; packets a second.
inline constexpr std::string_view kEvictedSubject = "evicted";  ///< Entries a second.
/// The sum of the lost.
inline constexpr std::string_view kLostInAll = "in all";

struct DaySeries {
  std::string subject;
  std::string name;  ///< "tcp ESTABLISHED", "table full"; empty for subjects of one series.
  std::vector<MinuteFigures> minutes;
};

/// The minutes from the start of the process or 24 h ago up to the one that is under way.
struct DayView {
  std::int64_t begin = 0;         ///< Of the first minute: seconds since 1970.
  std::vector<DaySeries> series;  ///< All with as many minutes.

  /// Null where there is none.
  [[nodiscard]] const DaySeries* Find(std::string_view subject, std::string_view name = {}) const;
  [[nodiscard]] std::size_t minutes() const {
    return series.empty() ? 0 : series.front().minutes.size();
  }
};

/// \brief  Keeps one-minute minima, means and maxima of 24 hours: entries and limit, flows by
/// protocol and state, losses by cause and evictions. It reads nothing: others hand it what they
/// have read, and a minute without a reading is unknown.
///
/// Minutes are those of the monotonic clock, so that a step of the wall clock moves the times that
/// are shown and nothing else. Of the pairs of protocol and state, kPairs have a series; the others
/// are summed up. A pair with more flows than the smallest had in any minute of the day takes its
/// place; the smallest is added to the others, whose minima and maxima are then sums of both:
/// bounds.
/// Threads and cost: any thread; at most 300 kB, and 44 bytes a CPU.
class DayHistory {
 public:
  using Time = std::chrono::steady_clock::time_point;
  using WallTime = std::chrono::system_clock::time_point;

  static constexpr std::size_t kPairs = 9;

  /// Minutes begin when those of the wall clock do.
  explicit DayHistory(Time now = std::chrono::steady_clock::now(),
                      WallTime wall = std::chrono::system_clock::now());

  void AddEntries(Time now, std::int64_t entries, std::optional<std::int64_t> limit);

  /// The counters at that time. What was counted since the reading before is left out where that
  /// is more than a minute ago, or the counters have begun again.
  void AddStat(Time now, kernel::ConntrackStat stat, std::optional<kernel::KernelRelease> release);

  /// A walk counts in the minute in which it was completed, and once.
  void AddWalk(const FlowSnapshot& walk);

  [[nodiscard]] DayView View(Time now = std::chrono::steady_clock::now(),
                             WallTime wall = std::chrono::system_clock::now()) const;

 private:
  using Minute = std::int64_t;
  using Pairs = std::array<std::uint64_t, kPairs>;

  enum Series : std::size_t {
    kEntries,
    kLimit,
    kTableFull,
    kChainTooLong,
    kUnresolvedClash,
    kLost,
    kEvicted,
    kFlows,  ///< The first of the pairs.
    kOtherFlows = kFlows + kPairs,
    kSeries
  };

  /// The minute that a series is in.
  struct UnderWay {
    Minute minute = -1;
    double sum = 0;
    std::uint32_t values = 0;
  };

  // All with mutex_ held.
  [[nodiscard]] Minute MinuteOf(Time time) const;
  [[nodiscard]] MinuteFigures& SlotOf(std::size_t series, Minute minute);
  void Advance(Minute minute);
  void Add(std::size_t series, Minute minute, double value);
  [[nodiscard]] float MaximumOf(std::size_t series) const;
  [[nodiscard]] std::optional<std::size_t> PlaceFor(const std::string& name, std::uint64_t flows,
                                                    const Pairs& walked);
  void AddToOthers(std::size_t pair);

  const Time start_;  ///< Of minute 0.
  mutable std::mutex mutex_;
  Minute newest_ = -1;
  std::array<UnderWay, kSeries> under_way_;
  std::array<std::array<MinuteFigures, kDayMinutes>, kSeries> slots_;  ///< By minute, a ring.
  std::array<std::string, kPairs> pairs_;                              ///< Empty: free.
  std::optional<Time> last_walk_;
  struct Counters {
    Time at;
    kernel::ConntrackStat stat;
  };
  std::optional<Counters> last_counters_;
};

static_assert(sizeof(DayHistory) <= 300'000);

}  // namespace conntrack
