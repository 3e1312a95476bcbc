#include "exporter/metrics/presence_watch.h"

#include <string>
#include <string_view>
#include <utility>

#include "exporter/process/log.h"

namespace conntrack::exporter {
namespace {

std::vector<Family> FamiliesOf(bool table, bool ctnetlink) {
  return {Gauge("conntrack_table_present",
                "1 where the kernel tracks connections, 0 where nf_conntrack is not loaded: then "
                "collectors have nothing to read, which is no failure.",
                table ? 1 : 0),
          Gauge("conntrack_ctnetlink_present",
                "1 where the kernel's netlink interface to the table is loaded "
                "(nf_conntrack_netlink), 0 where it is not, or that cannot be known: then it is "
                "not asked, since that would load it.",
                ctnetlink ? 1 : 0)};
}

void LogChange(bool& logged, const Result<void>& now, std::string_view module) {
  if (std::exchange(logged, now.has_value()) == now.has_value()) return;
  if (now) {
    log::Info(std::string(module) + " is loaded");
  } else {
    log::Info(now.error().message, {{"remedy", now.error().remedy}});
  }
}

}  // namespace

std::vector<Family> PresenceFamilies(const kernel::Presence& presence) {
  return FamiliesOf(presence.Table().has_value(), presence.Ctnetlink().has_value());
}

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
  return FamiliesOf(table.has_value(), ctnetlink.has_value());
}

}  // namespace conntrack::exporter
