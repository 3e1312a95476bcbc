#include "collectors/ena_collector.h"

#include <algorithm>

#include "collectors/catalogue_entry.h"
#include "kernel/ethtool.h"

namespace conntrack {
namespace {

constexpr const char* kAvailable = "conntrack_ena_allowance_available";
constexpr const char* kExceeded = "conntrack_ena_allowance_exceeded_total";

/// Returns the interfaces with the driver ena, at least one.
Result<std::vector<std::string>> FindEnaInterfaces(const KernelAccess& access) {
  if (!access.ethtool) return Fail(access.ethtool.error());
  const auto& ethtool = **access.ethtool;
  const auto names = ethtool.Interfaces();
  if (!names) return Fail(names.error());
  std::vector<std::string> found;
  std::optional<Error> error;  // of an interface whose driver is unknown
  for (const auto& name : *names) {
    auto driver = ethtool.Driver(name);
    if (driver == std::string("ena")) found.push_back(name);
    if (!driver && driver.error().kind != ErrorKind::kAbsent) error = std::move(driver.error());
  }
  if (!found.empty()) return found;
  if (error) return Fail(*std::move(error));
  return Fail(ErrorKind::kAbsent,
              "no interface of this network namespace has the driver ena, as those of EC2 have");
}

EnaInterface EnaInterfaceOf(const std::string& name, const kernel::DriverStatistics& statistics) {
  const auto value_of = [&statistics](std::string_view key) -> std::optional<std::uint64_t> {
    const auto found = statistics.find(key);
    return found == statistics.end() ? std::nullopt : std::optional(found->second);
  };
  EnaInterface read{name, value_of("conntrack_allowance_available"), {}};
  for (std::size_t i = 0; i < kEnaAllowances.size(); ++i) {
    read.exceeded[i] = value_of(std::string(kEnaAllowances[i]) + "_allowance_exceeded");
  }
  return read;
}

/// Returns the packets that were dropped between two readings, for interfaces in both. If the
/// driver was loaded again, its counter began at 0.
std::uint64_t RefusedBetween(const std::vector<EnaInterface>& before,
                             const std::vector<EnaInterface>& after) {
  std::uint64_t packets = 0;
  for (const auto& interface : after) {
    const auto old = std::ranges::find(before, interface.name, &EnaInterface::name);
    if (old == before.end()) continue;
    const auto now = interface.refused().value_or(0);
    const auto then = old->refused().value_or(now);
    packets += now < then ? now : now - then;
  }
  return packets;
}

void AddEnaFamilies(const EnaReading& reading, Collection& collection) {
  auto available = Gauges(
      kAvailable,
      "Connections that EC2 can still track for this instance before it drops packets, as the "
      "interface's driver reports it (ena, conntrack_allowance_available).");
  auto exceeded = Counters(
      kExceeded,
      "Packets that EC2 dropped, or for pps, bw_in and bw_out also queued, because the instance "
      "was above this allowance (ena, ALLOWANCE_allowance_exceeded).");
  for (const auto& interface : reading.interfaces) {
    if (interface.available) available.Add({{"interface", interface.name}}, *interface.available);
    for (std::size_t i = 0; i < kEnaAllowances.size(); ++i) {
      if (const auto& packets = interface.exceeded[i]) {
        exceeded.Add({{"interface", interface.name}, {"allowance", std::string(kEnaAllowances[i])}},
                     *packets);
      }
    }
  }
  for (auto* family : {&available, &exceeded}) {
    if (family->samples.empty()) {
      collection.omissions.push_back(
          {std::string(family->name),
           {ErrorKind::kAbsent, 0, "this version of the driver ena does not report it",
            "load a newer version of the driver"}});
    } else {
      collection.families.push_back(std::move(*family));
    }
  }
}

}  // namespace

Result<Collection> EnaCollector::Collect(const ScrapeContext& /*context*/) {
  const auto names = names_.Get([this] { return FindEnaInterfaces(access_); });
  if (!names) {
    auto error = names.error();
    if (error.kind == ErrorKind::kAbsent && access_.ethtool) {
      error.remedy =
          "on EC2, run the exporter in the host's network namespace; elsewhere, remove "
          "--collector.ena";
    }
    return Fail(std::move(error));
  }
  Collection collection;
  collection.source = "ethtool";
  EnaReading reading;
  for (const auto& name : *names) {
    const auto statistics = (*access_.ethtool)->Statistics(name);
    if (statistics) {
      reading.interfaces.push_back(EnaInterfaceOf(name, *statistics));
    } else if (statistics.error().kind != ErrorKind::kAbsent) {
      collection.omissions.push_back({"interface " + name, statistics.error()});
    }
  }
  if (reading.interfaces.empty()) {
    if (!collection.omissions.empty()) return Fail(collection.omissions.front().reason);
    return Fail(ErrorKind::kAbsent, "the interfaces with the driver ena have gone");
  }
  const auto now = clock_();
  if (const auto* old = recent_.Oldest(now)) {
    reading.refused_recently = {RefusedBetween(old->value, reading.interfaces),
                                std::chrono::duration<double>(now - old->at).count()};
  }
  recent_.Add(now, reading.interfaces);
  AddEnaFamilies(reading, collection);
  collection.reading = std::make_shared<const EnaReading>(std::move(reading));
  return collection;
}

CatalogueEntry EnaEntry() {
  return {
      .name = "ena",
      .on_by_default = true,
      .summary = "connections that EC2 can still track, and packets above its allowances",
      .needs = "an interface with the driver ena",
      .make =
          [](const CollectorInputs& inputs) {
            return std::make_unique<EnaCollector>(inputs.access);
          },
      .why_unreadable = [](const KernelAccess& access) -> std::optional<Error> {
        const auto names = FindEnaInterfaces(access);
        return names ? std::nullopt : std::optional(names.error());
      },
      .usually_absent = true,
      .reads = Reads::kAnything,
      .asks_drivers = true,
  };
}

}  // namespace conntrack
