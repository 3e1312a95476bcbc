// What a machine is for, from how it looks.
#pragma once

#include <string>

#include "collectors/sizing.h"
#include "exporter/commands/advise/machine.h"

namespace conntrack::exporter::advise {

struct ProfileChoice {
  SizingProfile profile = SizingProfile::kLight;
  std::string reason;
};

/// \brief  The profile that suits the machine: kubernetes where a kubelet keeps its state;
/// nat-gateway where it forwards, most flows have their source translated, and the memory carries
/// the lower end of that profile; otherwise heavy, medium or light by memory alone.
[[nodiscard]] ProfileChoice ChooseProfile(const Machine& machine);

}  // namespace conntrack::exporter::advise
