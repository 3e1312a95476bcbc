#include "collectors/timeouts_collector.h"

#include <cctype>
#include <utility>

#include "collectors/catalogue_entry.h"
#include "kernel/proc/conntrack_sysctl.h"

namespace conntrack {
namespace {

constexpr std::string_view kTimeout = "_timeout";

bool TakePrefix(std::string_view& text, std::string_view prefix) {
  if (!text.starts_with(prefix)) return false;
  text.remove_prefix(prefix.size());
  return true;
}

std::string UpperCase(std::string_view text) {
  std::string upper(text);
  for (char& c : upper) c = static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
  return upper;
}

}  // namespace

std::optional<TimeoutKey> TimeoutKeyOf(std::string_view sysctl) {
  const bool offload = TakePrefix(sysctl, "nf_flowtable_");
  if (!offload && !TakePrefix(sysctl, "nf_conntrack_")) return std::nullopt;
  const auto timeout = sysctl.find(kTimeout);
  if (timeout == std::string_view::npos || timeout == 0) return std::nullopt;
  const auto protocol = sysctl.substr(0, timeout);
  if (protocol == "frag6" || protocol == "events_retry") return std::nullopt;
  auto state = sysctl.substr(timeout + kTimeout.size());
  TimeoutKey key{std::string(protocol), {}};
  if (offload) {
    key.states = {"OFFLOAD"};
  } else if (state.empty()) {
    key.states = {"UNREPLIED", "REPLIED"};
  } else if (state == "_stream") {
    key.states = {"ASSURED"};
  } else if (TakePrefix(state, "_")) {
    key.states = {UpperCase(state)};
  } else {
    return std::nullopt;
  }
  return key;
}

Result<Collection> TimeoutsCollector::Collect(const ScrapeContext& /*context*/) {
  auto names = proc_.List(kernel::kSysctlFolder);
  if (!names) {
    names.error().remedy = kernel::kLoadConntrack;
    return Fail(names.error());
  }
  Collection collection;
  collection.source = "sysctl";
  Family timeouts{"conntrack_timeout_seconds",
                  "Lifetime without a packet of a flow in a state, in the words of conntrack_flows "
                  "(nf_conntrack_*_timeout_*).",
                  MetricType::kGauge,
                  {}};
  for (const auto& name : *names) {
    const auto key = TimeoutKeyOf(name);
    if (!key) continue;
    const auto seconds = kernel::ReadSysctl(proc_, name);
    if (!seconds) {
      collection.omissions.push_back({name, seconds.error()});
      continue;
    }
    for (const auto& state : key->states) {
      timeouts.samples.push_back(
          {{{"protocol", key->protocol}, {"state", state}}, static_cast<double>(*seconds)});
    }
  }
  if (timeouts.samples.empty()) {
    return Fail(
        ErrorKind::kAbsent,
        "no timeout of connection tracking in " + (proc_.root() / kernel::kSysctlFolder).string(),
        kernel::kLoadConntrack);
  }
  collection.families.push_back(std::move(timeouts));
  return collection;
}

CatalogueEntry TimeoutsEntry() {
  return {
      .name = "timeouts",
      .on_by_default = true,
      .summary = "timeouts by protocol and state",
      .needs = "nothing",
      .make =
          [](const CollectorInputs& inputs) {
            return std::make_unique<TimeoutsCollector>(inputs.access.proc);
          },
      .max_age = std::chrono::seconds(1),
  };
}

}  // namespace conntrack
