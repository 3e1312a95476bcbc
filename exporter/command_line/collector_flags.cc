#include "exporter/command_line/collector_flags.h"

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>

#include "exporter/command_line/number_within.h"
#include "kernel/bpf/flow_walk_batch.h"

namespace conntrack::exporter {
namespace {

constexpr const char* kGroup = "Collectors (--no-collector.NAME turns one off)";
constexpr const char* kClassFlag = "--collector.talkers.class";
constexpr const char* kPortRangeFlag = "--collector.nat.port-range";

const std::map<std::string, FlowSourceChoice> kFlowSources = {
    {"auto", FlowSourceChoice::kAuto},
    {"netlink", FlowSourceChoice::kNetlink},
    {"bpf", FlowSourceChoice::kBpf}};

// Each is a series or more; whoever wants to see them all wants another tool.
constexpr unsigned kMostNamed = 1000;

void AddClass(const std::string& text, std::vector<AddressClass>& classes) {
  auto added = ParseAddressClass(text);
  if (!added) throw CLI::ValidationError(kClassFlag, added.error().message);
  for (const auto& known : classes) {
    if (known.prefix == added->prefix) {
      throw CLI::ValidationError(kClassFlag, ToString(known.prefix) + " is given twice");
    }
  }
  classes.push_back(*std::move(added));
}

/// Nothing: the sysctl says it.
std::optional<kernel::PortRange> PortRange(const std::string& text) {
  if (text == "sysctl") return std::nullopt;
  const auto range = kernel::ParsePortRange(text);
  if (!range) throw CLI::ValidationError(kPortRangeFlag, range.error().message + ", nor sysctl");
  return *range;
}

const char* StateOf(const CatalogueEntry& entry) {
  if (!entry.on_by_default) return " (off)";
  return entry.why_unreadable ? " (on where it can be read)" : " (on)";
}

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
    auto& flag = switches_[name];
    app.add_flag("--collector." + name, flag.on, std::string(entry.summary) + StateOf(entry))
        ->group(kGroup);
    app.add_flag("--no-collector." + name, flag.off)
        ->group("");  // hidden; the heading speaks of them
  }
  AddFlowsFlags(app);
  AddTalkersFlags(app);
  AddNatFlags(app);
  AddEventsFlags(app);
  AddSizingFlags(app);
  AddNetnsFlags(app);
}

void CollectorFlags::AddFlowsFlags(CLI::App& app) {
  auto& source = options_.flows_source;
  app.add_option_function<std::string>(
         "--collector.flows.source",
         [&source](const std::string& name) { source.choice = kFlowSources.at(name); },
         "Where flows are read from: bpf walks the hash table in a part of the time of a dump, and "
         "sees its chains and all namespaces; it takes CAP_BPF, CAP_PERFMON and CAP_NET_ADMIN at "
         "the start. netlink is the kernel's dump. auto: bpf where it can be, else netlink")
      ->type_name("auto|netlink|bpf")
      ->check(CLI::IsMember(kFlowSources))
      ->default_str("auto")
      ->group(kGroup);
  app.add_option("--collector.flows.threads", source.threads,
                 "Threads that walk the hash table at once, with the flows read by bpf")
      ->type_name("N")
      ->check(CLI::Range(1U, unsigned{FLOW_WALK_BATCHES}))
      ->capture_default_str()
      ->group(kGroup);
  app.add_option("--collector.flows.cpu-share", options_.flows_cpu_share,
                 "Share of one CPU that walks of the table may use")
      ->type_name("SHARE")
      ->check(NumberWithin(0.0001, 1.0))
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

void CollectorFlags::AddTalkersFlags(CLI::App& app) {
  auto& talkers = options_.talkers;
  app.add_option("--collector.talkers.top", talkers.top,
                 "How many sources, destinations and services are named; the rest is other")
      ->type_name("N")
      ->check(CLI::Range(1U, kMostNamed))
      ->capture_default_str()
      ->group(kGroup);
  app.add_option("--collector.talkers.ipv4-prefix", talkers.ipv4_prefix,
                 "IPv4 addresses that agree in so many bits are one talker")
      ->type_name("BITS")
      ->check(CLI::Range(1U, 32U))
      ->capture_default_str()
      ->group(kGroup);
  app.add_option("--collector.talkers.ipv6-prefix", talkers.ipv6_prefix,
                 "IPv6 addresses that agree in so many bits are one talker")
      ->type_name("BITS")
      ->check(CLI::Range(1U, 128U))
      ->capture_default_str()
      ->group(kGroup);
  app.add_option_function<std::vector<std::string>>(
         kClassFlag,
         [&talkers](const std::vector<std::string>& texts) {
           for (const auto& text : texts) AddClass(text, talkers.classes);
         },
         "Count the flows from and to a network under a name; may be given several times")
      ->type_name("CIDR=NAME")
      ->allow_extra_args(false)
      ->group(kGroup);
}

void CollectorFlags::AddNatFlags(CLI::App& app) {
  auto& nat = options_.nat;
  app.add_option("--collector.nat.top", nat.top,
                 "How many (address behind NAT, remote endpoint) are named; the rest is other")
      ->type_name("N")
      ->check(CLI::Range(1U, kMostNamed))
      ->capture_default_str()
      ->group(kGroup);
  app.add_option_function<std::string>(
         kPortRangeFlag, [&nat](const std::string& text) { nat.port_range = PortRange(text); },
         "Ports that source NAT may use for each of them: the default is that of the kernel, for "
         "rules that name none. sysctl: those of net.ipv4.ip_local_port_range")
      ->type_name("LOW-HIGH|sysctl")
      ->default_str("1024-65535")
      ->group(kGroup);
}

void CollectorFlags::AddEventsFlags(CLI::App& app) {
  app.add_option("--collector.events.buffer-bytes", options_.events_buffer_bytes,
                 "Room to ask the kernel for, for events that wait; it grants twice that, and an "
                 "event takes some 1300 bytes of it")
      ->type_name("BYTES")
      ->check(CLI::Range(std::size_t{4096}, std::size_t{1} << 30))
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

void CollectorFlags::AddNetnsFlags(CLI::App& app) {
  app.add_option("--collector.netns.max", options_.netns_max,
                 "Most network namespaces with series of their own; the others are summed up as "
                 "other")
      ->type_name("N")
      ->check(CLI::Range(0U, 65536U))
      ->capture_default_str()
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

std::vector<std::string> CollectorFlags::AskedFor() const {
  auto asked_for = Enabled();
  std::erase_if(asked_for, [this](const auto& name) { return !switches_.at(name).on; });
  return asked_for;
}

CollectorOptions CollectorFlags::options() const {
  auto options = options_;
  options.flows_source.max_hold = std::chrono::milliseconds(max_softirq_hold_ms_);
  options.sizing_profile = ProfileByName(sizing_profile_);
  return options;
}

}  // namespace conntrack::exporter
