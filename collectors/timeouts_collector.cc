#include "collectors/timeouts_collector.h"

#include <cctype>
#include <utility>

#include "collectors/catalogue_entry.h"
#include "kernel/proc/sysctl.h"
#include "kernel/text.h"

namespace conntrack {
namespace {

constexpr std::string_view kTimeout = "_timeout";

using kernel::TakePrefix;

std::string UpperCase(std::string_view text) {
  std::string upper(text);
  for (char& c : upper) c = static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
  return upper;
}

std::vector<Family> FamiliesOf(const TimeoutsReading& reading) {
  auto family = Gauges("conntrack_timeout_seconds",
                       "Time without a packet after which a flow in this state expires "
                       "(nf_conntrack_*_timeout_*), with the label values of conntrack_flows.");
  for (const auto& [protocol, state, seconds] : reading.timeouts) {
    family.Add({{"protocol", protocol}, {"flow_state", state}}, seconds);
  }
  return {std::move(family)};
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
  if (!names) return Fail(std::move(names.error()));
  TimeoutsReading reading;
  for (const auto& name : *names) {
    const auto key = TimeoutKeyOf(name);
    if (!key) continue;
    const auto seconds = ValueOrOmit(kernel::ReadSysctl(proc_, name), name, reading.omissions);
    if (!seconds) continue;
    for (const auto& state : key->states) {
      reading.timeouts.push_back({key->protocol, state, *seconds});
    }
  }
  if (reading.timeouts.empty()) {
    return Fail(ErrorKind::kAbsent, "no timeout of connection tracking in " +
                                        (proc_.root() / kernel::kSysctlFolder).string());
  }
  return Collection{FamiliesOf(reading),
                    reading.omissions,
                    "sysctl",
                    {},
                    std::make_shared<const TimeoutsReading>(reading)};
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
