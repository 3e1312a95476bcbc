#include "collectors/settings_collector.h"

#include <array>
#include <string>
#include <utility>

#include "collectors/catalogue_entry.h"
#include "kernel/proc/sysctl.h"

namespace conntrack {
namespace {

// Names in the kernel after nf_conntrack_.
constexpr std::array<std::string_view, 10> kSettings = {
    "acct",        "timestamp", "events",         "checksum",        "helper",
    "log_invalid", "tcp_loose", "tcp_be_liberal", "tcp_max_retrans", "tcp_ignore_invalid_rst"};

void Add(Collection& collection, Family& settings, std::string_view name,
         const Result<std::int64_t>& value) {
  if (value) {
    settings.Add({{"name", std::string(name)}}, *value);
  } else if (value.error().kind != ErrorKind::kAbsent) {
    collection.omissions.push_back({std::string(name), value.error()});
  }
}

}  // namespace

Result<Collection> SettingsCollector::Collect(const ScrapeContext& /*context*/) {
  Collection collection;
  collection.source = "sysctl";
  auto settings =
      Gauges("conntrack_setting",
             "Value of a setting of connection tracking in the running kernel (sysctl).");
  for (const auto name : kSettings) {
    Add(collection, settings, name, kernel::ReadSysctl(proc_, "nf_conntrack_" + std::string(name)));
  }
  if (settings.samples.empty()) {
    if (!collection.omissions.empty()) return Fail(collection.omissions.front().reason);
    return Fail(ErrorKind::kAbsent, "no setting of connection tracking in " +
                                        (proc_.root() / kernel::kSysctlFolder).string());
  }
  // If it is off, a SYN flood fills the listen queue. If it is on, the flood fills this table.
  Add(collection, settings, "tcp_syncookies", proc_.ReadNumber("sys/net/ipv4/tcp_syncookies"));
  collection.families.push_back(std::move(settings));
  return collection;
}

CatalogueEntry SettingsEntry() {
  return {
      .name = "settings",
      .on_by_default = true,
      .summary = "settings of connection tracking (sysctl)",
      .needs = "nothing",
      .make =
          [](const CollectorInputs& inputs) {
            return std::make_unique<SettingsCollector>(inputs.access.proc);
          },
      .max_age = std::chrono::seconds(1),
  };
}

}  // namespace conntrack
