#include "kernel/netlink/dump_hold.h"

#include <algorithm>

namespace conntrack::kernel {
namespace {

constexpr double kEntriesPerHold = 170;
constexpr double kNanosecondsPerBucket = 40;
constexpr double kNanosecondsPerForeignEntry = 170;

}  // namespace

std::chrono::nanoseconds EstimateSoftirqHold(std::uint64_t own_entries, std::uint64_t host_entries,
                                             std::uint64_t buckets) {
  const auto own = static_cast<double>(own_entries);
  const double foreign = static_cast<double>(host_entries - std::min(own_entries, host_entries));
  const double share_of_table = own > kEntriesPerHold ? kEntriesPerHold / own : 1.0;
  const double hold = share_of_table * (static_cast<double>(buckets) * kNanosecondsPerBucket +
                                        foreign * kNanosecondsPerForeignEntry);
  return std::chrono::nanoseconds(static_cast<std::int64_t>(hold));
}

}  // namespace conntrack::kernel
