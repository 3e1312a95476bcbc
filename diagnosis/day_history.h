// History of the last 24 hours, by minute.
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

/// Minimum, mean and maximum of one minute. Unknown if nothing was read in it. Floats are exact up
/// to 16.7 million.
struct MinuteFigures {
  static constexpr float kUnknown = std::numeric_limits<float>::quiet_NaN();

  float minimum = kUnknown;
  float mean = kUnknown;
  float maximum = kUnknown;

  [[nodiscard]] bool known() const { return mean == mean; }
};

/// Values of DaySeries::subject.
inline constexpr std::string_view kEntriesSubject = "entries";
inline constexpr std::string_view kLimitSubject = "limit";
inline constexpr std::string_view kFlowsSubject = "flows";  ///< By protocol and state.
inline constexpr std::string_view kLostSubject = "lost";    ///< By cause, in packets per second.
inline constexpr std::string_view kEvictedSubject = "evicted";  ///< Entries per second.
/// Name of the series with the sum of all lost packets.
inline constexpr std::string_view kLostInAll = "in all";

struct DaySeries {
  std::string subject;
  std::string name;  ///< "tcp ESTABLISHED", "table full"; empty if the subject has one series.
  std::vector<MinuteFigures> minutes;
};

/// The minutes since the start of the process, at most 24 h, including the current one.
struct DayView {
  std::int64_t begin = 0;         ///< Start of the first minute: seconds since 1970.
  std::vector<DaySeries> series;  ///< All of the same length.

  /// Returns nullptr if there is no such series.
  [[nodiscard]] const DaySeries* Find(std::string_view subject, std::string_view name = {}) const;
  [[nodiscard]] std::size_t minutes() const {
    return series.empty() ? 0 : series.front().minutes.size();
  }
};

/// \brief  Stores minima, means and maxima per minute for 24 hours: entries and limit, flows by
/// protocol and state, losses by cause, evictions. It reads nothing by itself: callers pass their
/// readings. A minute without a reading is unknown.
///
/// Minutes follow the monotonic clock, so a step of the wall clock only moves the displayed times.
/// kPairs pairs of protocol and state have a series of their own; all other pairs are summed up in
/// one. A pair with more flows than the smallest stored pair had in any minute of the day replaces
/// it. The smallest pair is then added to the sum. After that, minimum and maximum of the sum are
/// bounds, because they are sums of minima and maxima.
/// Threads and cost: any thread; at most 300 kB, plus 44 bytes per CPU.
class DayHistory {
 public:
  using Time = std::chrono::steady_clock::time_point;
  using WallTime = std::chrono::system_clock::time_point;

  static constexpr std::size_t kPairs = 9;

  /// Minutes begin at full minutes of the wall clock.
  explicit DayHistory(Time now = std::chrono::steady_clock::now(),
                      WallTime wall = std::chrono::system_clock::now());

  void AddEntries(Time now, std::int64_t entries, std::optional<std::int64_t> limit);

  /// Adds the counters at `now`. The difference to the previous reading is ignored if that reading
  /// is more than one minute old or a counter has restarted.
  void AddStat(Time now, kernel::ConntrackStat stat, std::optional<kernel::KernelRelease> release);

  /// Adds a walk to the minute in which it completed. A walk that was already added is ignored.
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
    kFlows,  ///< The first pair.
    kOtherFlows = kFlows + kPairs,
    kSeries
  };

  /// Sum and number of values of the current minute of a series.
  struct UnderWay {
    Minute minute = -1;
    double sum = 0;
    std::uint32_t values = 0;
  };

  // Require mutex_.
  [[nodiscard]] Minute MinuteOf(Time time) const;
  [[nodiscard]] MinuteFigures& SlotOf(std::size_t series, Minute minute);
  void Advance(Minute minute);
  void Add(std::size_t series, Minute minute, double value);
  [[nodiscard]] float MaximumOf(std::size_t series) const;
  [[nodiscard]] std::optional<std::size_t> PlaceFor(const std::string& name, std::uint64_t flows,
                                                    const Pairs& walked);
  void AddToOthers(std::size_t pair);

  const Time start_;  ///< Start of minute 0.
  mutable std::mutex mutex_;
  Minute newest_ = -1;
  std::array<UnderWay, kSeries> under_way_;
  std::array<std::array<MinuteFigures, kDayMinutes>, kSeries> slots_;  ///< By minute; a ring.
  std::array<std::string, kPairs> pairs_;                              ///< Empty: unused.
  std::optional<Time> last_walk_;
  struct Counters {
    Time at;
    kernel::ConntrackStat stat;
  };
  std::optional<Counters> last_counters_;
};

static_assert(sizeof(DayHistory) <= 300'000);

}  // namespace conntrack
