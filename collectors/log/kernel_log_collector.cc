#include "collectors/log/kernel_log_collector.h"

#include <array>
#include <string>
#include <utility>

#include "collectors/catalogue_entry.h"

namespace conntrack {
namespace {

struct NamedMessage {
  std::string name;
  const KernelLogMessage& message;
};

using Messages = std::array<NamedMessage, 2>;

Family Lines(const Messages& messages) {
  auto lines = Counters("conntrack_kernel_log_messages_total",
                        "Connection tracking lines in the kernel log since the exporter started "
                        "(/dev/kmsg, all network namespaces). The kernel limits their rate, so "
                        "this is a lower bound; alert on conntrack_stat_drop_total instead.");
  for (const auto& [name, message] : messages) {
    lines.Add({{"message", name}}, message.lines);
  }
  return lines;
}

Family LinesByNamespace(const Messages& messages) {
  auto lines =
      Counters("conntrack_kernel_log_netns_messages_total",
               "Connection tracking lines in the kernel log that name a network namespace (Linux "
               "6.17 and later), by its inode (ls -Li /proc/PID/ns/net); beyond 64 namespaces, "
               "other. The kernel limits their rate, so this is a lower bound.");
  for (const auto& [name, message] : messages) {
    const auto add = [&lines, &name = name](std::string inode, std::uint64_t count) {
      lines.Add({{"message", name}, {"inode", std::move(inode)}}, count);
    };
    for (const auto& [inode, count] : message.by_netns) add(std::to_string(inode), count);
    if (message.other_netns != 0) add("other", message.other_netns);
  }
  return lines;
}

Family LastSeen(const Messages& messages) {
  auto times = Gauges("conntrack_kernel_log_last_seen_timestamp_seconds",
                      "Time of the last connection tracking line in the kernel log, in seconds "
                      "since 1970. Includes lines from before the exporter started, whose time may "
                      "be off by the drift of the kernel's clock.");
  for (const auto& [name, message] : messages) {
    if (!message.last_seen) continue;
    const std::chrono::duration<double> since_epoch = message.last_seen->time_since_epoch();
    times.Add({{"message", name}}, since_epoch.count());
  }
  return times;
}

/// Returns whether reading the kernel log needs a capability; true if that is unknown.
bool LogIsRestricted(const KernelAccess& access) {
  return access.proc.ReadNumber("sys/kernel/dmesg_restrict").value_or(1) != 0;
}

}  // namespace

Result<Collection> KernelLogCollector::Collect(const ScrapeContext& /*context*/) {
  const auto counts = watcher_.Counts();
  if (!counts) return Fail(counts.error());
  const Messages messages = {{{"table_full", counts->table_full},
                              {"expectation_table_full", counts->expectation_table_full}}};
  Collection collection;
  collection.source = "kmsg";
  collection.families.push_back(Lines(messages));
  for (auto family : {LinesByNamespace(messages), LastSeen(messages)}) {
    if (!family.samples.empty()) collection.families.push_back(std::move(family));
  }
  collection.families.push_back(
      Counter("conntrack_kernel_log_suppressed_total",
              "Messages of the whole network stack that the kernel did not log because of its rate "
              "limit, as far as it reports them (net_ratelimit: N callbacks suppressed). This is "
              "not a count of dropped packets.",
              counts->suppressed));
  collection.families.push_back(Counter("conntrack_kernel_log_lost_records_total",
                                        "Kernel log records of any kind that were overwritten "
                                        "before they could be read, or could not be read.",
                                        counts->lost));
  KernelLogReading reading;
  if (const auto& seen = counts->table_full.last_seen) {
    const auto age =
        std::chrono::duration_cast<std::chrono::seconds>(std::chrono::system_clock::now() - *seen);
    reading.table_full_age_seconds =
        static_cast<std::uint64_t>(std::max(age, std::chrono::seconds(0)).count());
  }
  collection.reading = std::make_shared<const KernelLogReading>(reading);
  return collection;
}

CatalogueEntry KernelLogEntry() {
  return {
      .name = "kernel_log",
      .on_by_default = true,
      .summary = "lines about a full table in the kernel log, and the time of the last one",
      .needs = "/dev/kmsg (CAP_SYSLOG where kernel.dmesg_restrict is 1)",
      .make =
          [](const CollectorInputs& inputs) {
            return std::make_unique<KernelLogCollector>(inputs.access.kmsg);
          },
      .why_unreadable = [](const KernelAccess& access) -> std::optional<Error> {
        const auto port = access.kmsg();
        return port ? std::nullopt : std::optional(port.error());
      },
      .reads = Reads::kAnything,
      .capabilities = {{Capability::kSyslog, "the kernel's log", true, LogIsRestricted}},
      .host_files = {"dev/kmsg"},
  };
}

}  // namespace conntrack
