// What to set, and why.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "exporter/commands/advise/advise_options.h"
#include "exporter/commands/advise/machine.h"
#include "exporter/commands/advise/profile_choice.h"
#include "exporter/commands/advise/timeout_rules.h"

namespace conntrack::exporter::advise {

/// One number to set.
struct Setting {
  std::optional<std::uint64_t> now;  ///< In force; absent where it is not known.
  std::uint64_t advised = 0;
  std::string reason;
};

struct TimeoutAdvice {
  TimeoutRule rule;
  bool exists = true;  ///< false: this kernel does not have it.
  std::optional<std::uint64_t> now;
  std::uint64_t advised = 0;  ///< At most the present value: what is short already stays short.
};

/// The limits that each rule would give.
struct Bases {
  std::optional<std::uint64_t> memory;
  std::uint64_t peak = 0;
  std::uint64_t profile = 0;
  std::optional<std::uint64_t> kube_proxy;  ///< What kube-proxy sets unless told otherwise.
};

struct MemoryCost {
  std::uint64_t entry_bytes = 0;
  std::string_view source;  ///< Of the size of an entry: "slabinfo", "estimate".
  std::uint64_t entries_bytes = 0;
  std::uint64_t table_bytes = 0;
  std::optional<double> share;  ///< Of the memory of the machine.
};

struct Advice {
  ProfileChoice profile;
  std::uint64_t peak = 0;
  bool peak_given = false;  ///< By --peak; otherwise it is the present count.
  double headroom = 0;
  Bases bases;
  Setting limit;
  Setting buckets;
  bool buckets_by_sysctl = true;  ///< false before 4.9: only when the module is loaded.
  std::optional<MemoryCost> memory;
  std::vector<TimeoutAdvice> timeouts;
  std::vector<ServicePort> notrack;     ///< Asked for.
  std::vector<ServiceFlows> proposals;  ///< Those that fill the table; not active.
  std::vector<std::string> warnings;    ///< What is wrong, or may go wrong, here.
  std::vector<std::string> notes;       ///< What to know whatever the machine.
};

/// \brief  The advice for a machine. Pure: the same machine and options give the same advice.
[[nodiscard]] Advice Advise(const Machine& machine, const AdviseOptions& options);

}  // namespace conntrack::exporter::advise
