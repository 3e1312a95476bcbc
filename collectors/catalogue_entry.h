// All there is to know of a collector.
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

/// \brief  What the command line sets for collectors: an options struct of each collector that has
/// flags, found by its type. What nothing has set has the defaults of its struct.
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

/// The value of a flag that is a number.
template <class Number>
struct NumberValue {
  Number lowest;
  Number highest;
  Number initial;
  std::function<void(CollectorOptions&, Number)> set;
};

/// The value of any other flag.
struct TextValue {
  std::string_view initial;  ///< For --help.
  /// Errors: what is wrong with the text.
  std::function<Result<void>(CollectorOptions&, const std::string&)> set;
  std::vector<std::string> choices = {};  ///< All that there are; empty: `set` decides.
  bool repeatable = false;
};

/// The value of a flag that is on or off.
struct SwitchValue {
  std::function<void(CollectorOptions&, bool on)> set;
};

/// A flag of a collector, as data, from which the command line makes its own kind of option.
struct CollectorFlag {
  std::string_view suffix;      ///< "threads" of --collector.flows.threads.
  std::string_view value_name;  ///< Empty for a switch.
  std::string_view help;
  std::variant<NumberValue<std::uint64_t>, NumberValue<double>, TextValue, SwitchValue> value;
  /// It also applies to other collectors that use the shared walk, where its own is off.
  bool of_shared_walk = false;
};

/// The value of a flag that sets a member of an options struct.
template <class Options, class Member>
[[nodiscard]] auto NumberFor(Member Options::*member, std::type_identity_t<Member> lowest,
                             std::type_identity_t<Member> highest) {
  using Number = std::conditional_t<std::is_integral_v<Member>, std::uint64_t, double>;
  return NumberValue<Number>{lowest, highest, Options{}.*member,
                             [member](CollectorOptions& options, Number number) {
                               options.Get<Options>().*member = static_cast<Member>(number);
                             }};
}

/// The value of a flag that turns a member of an options struct on.
template <class Options>
[[nodiscard]] SwitchValue SwitchFor(bool Options::*member) {
  return {[member](CollectorOptions& options, bool on) { options.Get<Options>().*member = on; }};
}

/// What a collector is made from.
struct CollectorInputs {
  const KernelAccess& access;
  const CollectorOptions& options;
  /// The sampler that all collectors of flows share: made for the first one that asks.
  const std::function<std::shared_ptr<FlowSampler>()>& flow_sampler;
  /// The sampler of the count, shared and made likewise.
  const std::function<std::shared_ptr<EntriesPeak>()>& entries_peak;
};

/// What has to be counted in the walk of the table that collectors share, beside the flows.
struct FlowSamplerUse {
  FlowTallyOptions tally;
  /// What of each namespace, where the source sees them.
  kernel::NamespaceDetail namespaces = kernel::NamespaceDetail::kNone;
};

/// What a collector cannot do without. If that is not loaded, the collector is not called.
enum class Reads {
  kAnything,   ///< Something that exists without connection tracking.
  kTable,      ///< The table, in any way.
  kCtnetlink,  ///< The table by netlink only.
};

struct CatalogueEntry {
  std::string_view name;  ///< Of the flag --collector.NAME and of the label collector.
  bool on_by_default = false;
  std::string_view summary;  ///< For --help: what it yields.
  /// For `check`: the capability or right it needs, "nothing" where it needs none.
  std::string_view needs;
  std::function<std::unique_ptr<Collector>(const CollectorInputs&)> make;
  /// How long a reading serves further scrapes; 0: each scrape reads anew. Counters and the count
  /// of entries are never kept.
  std::chrono::nanoseconds max_age{0};
  std::vector<CollectorFlag> flags = {};
  /// Where it is set: why this process cannot read what the collector needs, nothing where it can.
  /// Such a collector is on by default only where it can read.
  std::function<std::optional<Error>(const KernelAccess&)> why_unreadable = {};
  bool usually_absent = false;  ///< Most hosts have nothing that it reads.
  Reads reads = Reads::kTable;

  // All that it has a use for; the process keeps and allows nothing else.
  std::vector<CapabilityUse> capabilities = {};
  /// Beyond procfs and sysfs: files and folders below the root of the host.
  std::vector<std::string_view> host_files = {};
  /// Where it is set: it uses the shared walk of the table, which BPF may do, and adds what it
  /// wants counted there.
  std::function<void(const CollectorOptions&, FlowSamplerUse&)> use_flow_sampler = {};
  /// It enters namespaces and reads links of other processes, which Landlock always forbids.
  bool looks_into_processes = false;
  /// It asks for the listening sockets, by sock_diag.
  bool asks_sock_diag = false;
  /// It asks the drivers of network interfaces: an ioctl(2) that would also let CAP_NET_ADMIN
  /// change them, so that it stays forbidden elsewhere.
  bool asks_drivers = false;
};

}  // namespace conntrack
