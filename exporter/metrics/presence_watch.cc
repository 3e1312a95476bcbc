#include "exporter/metrics/presence_watch.h"

#include <string>
#include <string_view>
#include <utility>

#include "exporter/process/log.h"

namespace conntrack::exporter {
namespace {

/// `logged` is the message in the last log line; empty while the module is loaded.
void LogChange(std::string& logged, const Result<void>& now, std::string_view module) {
  const auto missing = now ? std::string() : now.error().message;
  if (std::exchange(logged, missing) == missing) return;
  if (now) {
    log::Info(std::string(module) + " is loaded");
  } else {
    log::Info(now.error().message, {{"remedy", now.error().remedy}});
  }
}

}  // namespace

PresenceWatch::PresenceWatch(std::shared_ptr<const kernel::Presence> presence)
    : presence_(std::move(presence)) {
  static_cast<void>(Read());
}

std::vector<Family> PresenceWatch::Read() {
  const auto table = presence_->Table();
  const auto ctnetlink = presence_->Ctnetlink();
  const std::lock_guard lock(mutex_);
  LogChange(table_, table, "nf_conntrack");
  if (table) LogChange(ctnetlink_, ctnetlink, "nf_conntrack_netlink");
  std::vector<Family> families;
  if (const auto present = kernel::IsLoaded(table)) {
    families.push_back(Gauge(
        "conntrack_table_present",
        "1 if nf_conntrack is loaded and the kernel tracks connections, 0 if not; collectors then "
        "have nothing to read, which is not a failure. Absent if the exporter cannot tell.",
        *present ? 1 : 0));
  }
  families.push_back(Gauge("conntrack_ctnetlink_present",
                           "1 if the kernel module nf_conntrack_netlink is loaded, 0 if it is not, "
                           "or if the exporter cannot tell. At 0 the exporter does not use "
                           "netlink, because a request could load the module.",
                           ctnetlink ? 1 : 0));
  return families;
}

}  // namespace conntrack::exporter
