#include "exporter/confinement/confinement_needs.h"

#include <openssl/rand.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <system_error>

#include "collectors/flows/flow_source_choice.h"
#include "collectors/flows/workloads_collector.h"
#include "exporter/commands/commands.h"
#include "exporter/confinement/capabilities.h"
#include "exporter/web/config/reloading_web_config.h"
#include "exporter/web/server/listen_address.h"
#include "exporter/web/server/tcp_sockets.h"

namespace conntrack::exporter {
namespace {

namespace fs = std::filesystem;
using confinement::Needs;

constexpr std::int64_t kFirstFreePort = 1024;

// All of /proc: when memory is short, its entries lose their identity, so a rule for one entry
// would not last. Files of other processes are denied there anyway.
constexpr std::array kAlwaysRead = {"/proc", "/sys/devices/system/cpu", "/etc/localtime",
                                    "/usr/share/zoneinfo"};

// For getaddrinfo(3): files, and libraries for services in nsswitch.conf other than files and DNS.
constexpr std::array kNameFiles = {"/etc/resolv.conf",
                                   "/etc/hosts",
                                   "/etc/nsswitch.conf",
                                   "/etc/host.conf",
                                   "/etc/gai.conf",
                                   "/etc/services",
                                   "/usr",
                                   "/lib",
                                   "/lib64",
                                   "/etc/ld.so.cache"};

/// Returns the collectors that the command uses, or whose sources it reads.
std::vector<const CatalogueEntry*> CollectorsOf(const Options& options) {
  switch (options.command) {
    case Command::kReport: {
      std::vector<std::string> names(kReportReads.begin(), kReportReads.end());
      if (std::ranges::count(options.collectors, kWorkloadsCollector) > 0)
        names.emplace_back(kWorkloadsCollector);
      return EntriesOf(names);
    }
    case Command::kAdvise:
      return EntriesOf({kAdviseReads.begin(), kAdviseReads.end()});
    default:
      return EntriesOf(options.collectors);
  }
}

fs::path FolderOf(const fs::path& file) {
  const auto folder = file.parent_path();
  return folder.empty() ? "." : folder;
}

/// Returns the folder, or its nearest parent that exists.
fs::path ExistingFolder(fs::path folder) {
  std::error_code error;
  folder = fs::absolute(folder, error).lexically_normal();
  while (!fs::is_directory(folder, error) && folder.has_relative_path()) {
    folder = folder.parent_path();
  }
  return folder;
}

/// A file that others replace by a rename: allows its folder, and the folder that a link leads to.
/// Allowing the root folder for one file would be too much.
void AddReplacedFile(const fs::path& file, Needs& needs) {
  std::error_code error;
  for (const auto& path : {fs::absolute(file, error), fs::weakly_canonical(file, error)}) {
    if (path.empty()) continue;
    const auto folder = FolderOf(path);
    needs.read.push_back(folder.has_relative_path() ? folder : path);
  }
}

/// Returns their uses of capabilities that this host requires.
std::vector<CollectorUse> UsesOf(const std::vector<const CatalogueEntry*>& collectors,
                                 const KernelAccess& access) {
  std::vector<CollectorUse> uses;
  for (const auto* entry : collectors) {
    for (const auto& use : entry->capabilities) {
      if (use.wanted_here && !use.wanted_here(access)) continue;
      uses.push_back({std::string(entry->name), use});
    }
  }
  return uses;
}

void AddCollectors(const Options& options, const KernelAccess& access, Needs& needs) {
  needs.read.assign(kAlwaysRead.begin(), kAlwaysRead.end());
  const fs::path sys = options.sysfs;
  // cgroup: the limit that prevents a thread from starting. btf: whether ctnetlink is built in, if
  // kallsyms cannot be read.
  needs.read.insert(needs.read.end(), {options.procfs, sys / "devices/system/cpu", sys / "module",
                                       sys / "fs/cgroup", sys / "kernel/btf"});
  const auto collectors = CollectorsOf(options);
  for (const auto* entry : collectors) {
    for (const auto file : entry->host_files) needs.read.push_back(fs::path(options.rootfs) / file);
    if (entry->looks_into_processes) needs.looks_into_processes = entry->name;
    needs.asks_sock_diag |= entry->asks_sock_diag;
    needs.asks_drivers |= entry->asks_drivers;
  }
  for (const auto& [collector, use] : UsesOf(collectors, access)) {
    needs.capabilities.Add(use.capability);
  }
  needs.runs_bpf = access.flow_walk.has_value();
}

void AddWebConfig(const std::string& file, Needs& needs) {
  if (file.empty()) return;
  // On first use OpenSSL loads its configuration and what it names (a FIPS provider). This must
  // happen before loading is forbidden.
  unsigned char unused = 0;
  static_cast<void>(RAND_bytes(&unused, 1));
  web::FileVersions versions;
  // The server reports an invalid configuration.
  static_cast<void>(web::LoadWebConfig(file, versions));
  for (const auto& [path, stamp] : versions) {
    AddReplacedFile(path, needs);
    if (!confinement::CanReadWithoutCapability(path)) {
      needs.capabilities.Add(Capability::kDacReadSearch);
    }
  }
}

void AddPassedSockets(Needs& needs) {
  const auto sockets = web::InheritedSockets();
  if (!sockets) return;  // reported by the server
  for (const auto& socket : *sockets) needs.listen_ports.push_back(socket.port);
}

void AddListening(const Options& options, const KernelAccess& access, Needs& needs) {
  if (options.systemd_socket) return AddPassedSockets(needs);
  const auto first_free =
      access.proc.ReadNumber("sys/net/ipv4/ip_unprivileged_port_start").value_or(kFirstFreePort);
  for (const auto& text : options.listen_addresses) {
    const auto address = web::ParseListenAddress(text);
    if (!address) continue;
    needs.listen_ports.push_back(address->port);
    if (address->port != 0 && address->port < first_free) {
      needs.until_listening.Add(Capability::kNetBindService);
    }
    const auto& host = address->host;
    // With a letter it is a name, or the zone of an IPv6 address; both are looked up.
    const bool plain = address->ipv6 ? host.find('%') == std::string::npos
                                     : std::none_of(host.begin(), host.end(), [](unsigned char c) {
                                         return std::isalpha(c) != 0;
                                       });
    needs.looks_up_names = needs.looks_up_names || !plain;
  }
  if (needs.looks_up_names) {
    needs.read.insert(needs.read.end(), kNameFiles.begin(), kNameFiles.end());
  }
}

void AddWriting(const fs::path& folder, Needs& needs) {
  needs.write.push_back(folder);
  if (!confinement::CanWriteIntoWithoutCapability(folder)) {
    needs.capabilities.Add(Capability::kDacOverride);
  }
}

}  // namespace

std::vector<CollectorUse> CapabilityUsesOf(const Options& options, const KernelAccess& access) {
  return UsesOf(EntriesOf(options.collectors), access);
}

bool WalksByBpf(const Options& options) {
  const auto& source = options.collector_options.Get<FlowSourceOptions>();
  if (source.choice == FlowSourceChoice::kNetlink) return false;
  const auto collectors = CollectorsOf(options);
  return std::any_of(collectors.begin(), collectors.end(),
                     [](const auto* entry) { return entry->use_flow_sampler != nullptr; });
}

Needs NeedsOf(const Options& options, const KernelAccess& access) {
  Needs needs;
  AddCollectors(options, access, needs);
  const auto& textfile = options.output.textfile;
  if (options.command == Command::kServe && textfile.empty()) {
    AddWebConfig(options.web_config_file, needs);
    AddListening(options, access, needs);
  }
  if (!textfile.empty() && textfile != "-") AddWriting(FolderOf(textfile), needs);
  if (options.command == Command::kAdvise && !options.advise.output_dir.empty()) {
    AddWriting(ExistingFolder(options.advise.output_dir), needs);
  }
  return needs;
}

}  // namespace conntrack::exporter
