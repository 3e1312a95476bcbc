// Description of a collector.
#pragma once

#include <any>
#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <typeindex>
#include <variant>
#include <vector>

#include "collectors/capability.h"
#include "collectors/collector.h"
#include "collectors/entries_peak.h"
#include "collectors/flows/flow_sampler.h"
#include "collectors/kernel_access.h"

namespace conntrack {

/// \brief  Values of the collectors' flags: one options struct per collector with flags, found by
///         its type. An unset value has the default of its struct.
class CollectorOptions {
 public:
  template <class Options>
  [[nodiscard]] Options& Get() {
    auto& options = options_[typeid(Options)];
    if (!options.has_value()) options.emplace<Options>();
    return *std::any_cast<Options>(&options);
  }

  template <class Options>
  [[nodiscard]] const Options& Get() const {
    static const Options kDefaults;
    const auto found = options_.find(typeid(Options));
    return found == options_.end() ? kDefaults : *std::any_cast<Options>(&found->second);
  }

 private:
  std::map<std::type_index, std::any> options_;
};

/// A flag with a number.
template <class Number>
struct NumberValue {
  Number lowest;
  Number highest;
  Number initial;
  std::function<void(CollectorOptions&, Number)> set;
};

/// A flag with any other value.
struct TextValue {
  std::string_view initial;  ///< For --help.
  /// Errors:  what is wrong with the text.
  std::function<Result<void>(CollectorOptions&, const std::string&)> set;
  std::vector<std::string> choices = {};  ///< All valid values; if empty, `set` decides.
  bool repeatable = false;
};

/// A flag that is on or off.
struct SwitchValue {
  std::function<void(CollectorOptions&, bool on)> set;
};

/// A flag of a collector, as data from which the command line makes its options.
struct CollectorFlag {
  std::string_view suffix;      ///< "threads" of --collector.flows.threads.
  std::string_view value_name;  ///< Empty for a switch.
  std::string_view help;
  std::variant<NumberValue<std::uint64_t>, NumberValue<double>, TextValue, SwitchValue> value;
  /// The flag also applies if this collector is off, but another one uses the shared walk.
  bool of_shared_walk = false;
};

/// Returns the value of a flag that sets a member of an options struct.
template <class Options, class Member>
[[nodiscard]] auto NumberFor(Member Options::*member, std::type_identity_t<Member> lowest,
                             std::type_identity_t<Member> highest) {
  using Number = std::conditional_t<std::is_integral_v<Member>, std::uint64_t, double>;
  return NumberValue<Number>{lowest, highest, Options{}.*member,
                             [member](CollectorOptions& options, Number number) {
                               options.Get<Options>().*member = static_cast<Member>(number);
                             }};
}

/// Returns the value of a flag that turns a member of an options struct on or off.
template <class Options>
[[nodiscard]] SwitchValue SwitchFor(bool Options::*member) {
  return {[member](CollectorOptions& options, bool on) { options.Get<Options>().*member = on; }};
}

/// The inputs from which a collector is made.
struct CollectorInputs {
  const KernelAccess& access;
  const CollectorOptions& options;
  /// Returns the sampler that all collectors of flows share. The first call makes it.
  const std::function<std::shared_ptr<FlowSampler>()>& flow_sampler;
  /// Returns the sampler of the count of entries, made and shared in the same way.
  const std::function<std::shared_ptr<EntriesPeak>()>& entries_peak;
};

/// What the shared walk of the table counts, besides the flows.
struct FlowSamplerUse {
  FlowTallyOptions tally;
  /// What it counts for each namespace, if the source sees all of them.
  kernel::NamespaceDetail namespaces = kernel::NamespaceDetail::kNone;
};

/// What a collector reads. If that is not loaded, the collector is not called.
enum class Reads {
  kAnything,   ///< A source that exists without connection tracking.
  kTable,      ///< The table, over any interface.
  kCtnetlink,  ///< The table, over netlink only.
};

struct CatalogueEntry {
  std::string_view name;  ///< Used in the flag --collector.NAME and in the label collector.
  bool on_by_default = false;
  std::string_view summary;  ///< For --help: what the collector returns.
  /// For `check`: the capability or right that it needs, or "nothing".
  std::string_view needs;
  std::function<std::unique_ptr<Collector>(const CollectorInputs&)> make;
  /// For how long scrapes share a reading; 0: each scrape reads again. Counters and the count of
  /// entries are never kept.
  std::chrono::nanoseconds max_age{0};
  std::vector<CollectorFlag> flags = {};
  /// If set, returns why this process cannot read what the collector needs, or std::nullopt if it
  /// can. The collector is on by default only if it can read.
  std::function<std::optional<Error>(const KernelAccess&)> why_unreadable = {};
  bool usually_absent = false;  ///< Most hosts do not have its source.
  Reads reads = Reads::kTable;

  // Everything that the collector uses. The process keeps and allows nothing else.
  std::vector<CapabilityUse> capabilities = {};
  /// Files and folders below the root of the host, besides procfs and sysfs.
  std::vector<std::string_view> host_files = {};
  /// If set, the collector uses the shared walk of the table, by BPF or netlink. The function adds
  /// what the walk must count for it.
  std::function<void(const CollectorOptions&, FlowSamplerUse&)> use_flow_sampler = {};
  /// It enters namespaces and reads links of other processes. Landlock always denies that.
  bool looks_into_processes = false;
  /// It lists listening sockets over sock_diag.
  bool asks_sock_diag = false;
  /// It queries the drivers of network interfaces, with an ioctl(2) that is denied otherwise: with
  /// CAP_NET_ADMIN it could also change them.
  bool asks_drivers = false;
};

}  // namespace conntrack
