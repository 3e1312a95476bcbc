// How each collector is, for people.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "collectors/catalogue.h"
#include "exporter/metrics/scraper.h"

namespace conntrack::exporter::status {

enum class HealthState {
  kOk,
  kPartly,   ///< On, with something left out.
  kWaiting,  ///< On, and its figures are not there yet.
  kFailed,   ///< On, and could not read what it needs.
  kLeftOut,  ///< Off, because it cannot read what it needs.
  kOff,
};

/// "ok", "partly", "waiting", "failed", "left out", "off"
[[nodiscard]] std::string_view ToString(HealthState state);

struct CollectorHealth {
  std::string name;
  HealthState state = HealthState::kOff;
  std::string_view summary;  ///< What it yields.
  std::string_view needs;
  std::optional<double> seconds = {};    ///< That it took; absent where it is off.
  std::string source = {};               ///< Where its figures came from.
  std::optional<Error> error = {};       ///< Of kWaiting, kFailed and kLeftOut.
  std::vector<Omission> omissions = {};  ///< Of kPartly.
};

/// \brief  All collectors of the catalogue, in its order. Pure.
[[nodiscard]] std::vector<CollectorHealth> HealthOf(const std::vector<CollectorRun>& runs,
                                                    const std::vector<LeftOut>& left_out);

/// \brief  Why what `collector` yields is missing: the whole, or the part that its omissions name
/// so. The message is never empty; the remedy may be.
[[nodiscard]] Error WhyMissing(const std::vector<CollectorHealth>& health,
                               std::string_view collector, std::string_view part = {});

}  // namespace conntrack::exporter::status
