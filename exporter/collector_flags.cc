#include "exporter/collector_flags.h"

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>

namespace conntrack::exporter {
namespace {

constexpr const char* kGroup = "Collectors (--no-collector.NAME turns one off)";

}  // namespace

std::string KnownProfile(const std::string& name) {
  if (ProfileByName(name)) return "";
  std::string known;
  for (const auto& range : SizingProfiles()) known += " " + std::string(range.name);
  return "there is no profile " + name + "; known are" + known;
}

void CollectorFlags::AddTo(CLI::App& app) {
  app.add_flag("--collector.disable-defaults", disable_defaults_,
               "Turn off all collectors but those named by a flag")
      ->group(kGroup);
  for (const auto& entry : Catalogue()) {
    const std::string name(entry.name);
    const std::string state = entry.on_by_default ? " (on)" : " (off)";
    auto& flag = switches_[name];
    app.add_flag("--collector." + name, flag.on, std::string(entry.summary) + state)->group(kGroup);
    app.add_flag("--no-collector." + name, flag.off)
        ->group("");  // hidden; the heading speaks of them
  }
  AddFlowsFlags(app);
  AddSizingFlags(app);
}

void CollectorFlags::AddFlowsFlags(CLI::App& app) {
  app.add_option("--collector.flows.cpu-share", options_.flows_cpu_share,
                 "Share of one CPU that walks of the table may use")
      ->type_name("SHARE")
      ->check(CLI::Range(0.0001, 1.0))
      ->capture_default_str()
      ->group(kGroup);
  app.add_option("--collector.flows.max-zones", options_.flows_max_zones,
                 "Most zones with a series of their own; the others are summed up as other")
      ->type_name("N")
      ->check(CLI::Range(0U, 65536U))
      ->capture_default_str()
      ->group(kGroup);
  app.add_option("--collector.flows.max-softirq-hold", max_softirq_hold_ms_,
                 "Do not dump a namespace where the kernel would hold softirqs off for longer, "
                 "because the host's table is large and this namespace's part of it small")
      ->type_name("MILLISECONDS")
      ->check(CLI::Range(1U, 60000U))
      ->capture_default_str()
      ->group(kGroup);
}

void CollectorFlags::AddSizingFlags(CLI::App& app) {
  app.add_option("--collector.sizing.profile", sizing_profile_,
                 "What this machine is, for a recommendation of that basis: light, medium, heavy, "
                 "kubernetes, nat-gateway")
      ->type_name("PROFILE")
      ->check(KnownProfile)
      ->group(kGroup);
}

std::vector<std::string> CollectorFlags::Enabled() const {
  std::vector<std::string> enabled;
  for (const auto& entry : Catalogue()) {
    const auto& flag = switches_.at(std::string(entry.name));
    const bool on = flag.on || (entry.on_by_default && !disable_defaults_);
    if (on && !flag.off) enabled.emplace_back(entry.name);
  }
  return enabled;
}

CollectorOptions CollectorFlags::options() const {
  auto options = options_;
  options.flows_max_hold = std::chrono::milliseconds(max_softirq_hold_ms_);
  options.sizing_profile = ProfileByName(sizing_profile_);
  return options;
}

}  // namespace conntrack::exporter
