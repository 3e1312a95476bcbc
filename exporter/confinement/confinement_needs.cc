#include "exporter/confinement/confinement_needs.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <system_error>

#include "exporter/confinement/capabilities.h"
#include "exporter/web/config/reloading_web_config.h"
#include "exporter/web/server/listen_address.h"

namespace conntrack::exporter {
namespace {

namespace fs = std::filesystem;
using confinement::Needs;

constexpr std::string_view kPersistence = "persistence";
constexpr std::string_view kKernelLog = "kernel_log";
constexpr std::string_view kNetns = "netns";
// What is counted in a walk of the table.
constexpr std::array<std::string_view, 4> kFlowSubjects = {"flows", "talkers", "nat", kNetns};
constexpr std::int64_t kFirstFreePort = 1024;

// Libraries that are loaded late, and their configuration: all of it is for everybody to read. The
// process's own figures come from /proc, wherever --path.procfs is. Entries of /proc lose their
// identity when memory is short, so that a rule for one of them would not last: all of it, then.
// What belongs to other processes is denied there all the same.
constexpr std::array kAlwaysRead = {
    "/proc",  "/sys/devices/system/cpu", "/usr",           "/lib",
    "/lib64", "/etc/ld.so.cache",        "/etc/localtime", "/etc/ssl/openssl.cnf"};

// For getaddrinfo(3).
constexpr std::array kNameFiles = {"/etc/resolv.conf", "/etc/hosts",    "/etc/nsswitch.conf",
                                   "/etc/host.conf",   "/etc/gai.conf", "/etc/services"};

// Below the root of the host. /etc as a whole: /etc/sysctl.conf is replaced by whoever edits it,
// and a rule is about the file that was there. NixOS and Guix have links into their stores there.
constexpr std::array kBootFolders = {
    "etc",      "usr",       "lib",      "run/sysctl.d", "run/modules-load.d", "run/modprobe.d",
    "run/udev", "nix/store", "gnu/store"};

bool Contains(const std::vector<std::string>& names, std::string_view name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

/// Those that the command reads by itself, where it is not for collectors.
std::vector<std::string> SubjectsOf(const Options& options) {
  switch (options.command) {
    case Command::kReport:
      return {"table", "stat", "flows", std::string(kPersistence)};
    case Command::kAdvise:
      return {"table", "flows"};
    default:
      return options.collectors;
  }
}

fs::path FolderOf(const fs::path& file) {
  const auto folder = file.parent_path();
  return folder.empty() ? "." : folder;
}

/// The folder, or the nearest above it that is there.
fs::path ExistingFolder(fs::path folder) {
  std::error_code error;
  folder = fs::absolute(folder, error).lexically_normal();
  while (!fs::is_directory(folder, error) && folder.has_relative_path()) {
    folder = folder.parent_path();
  }
  return folder;
}

/// A file that others replace: by a rename beside it, or where a link leads. The whole root would
/// be too much for one file.
void AddReplacedFile(const fs::path& file, Needs& needs) {
  std::error_code error;
  for (const auto& path : {fs::absolute(file, error), fs::weakly_canonical(file, error)}) {
    if (path.empty()) continue;
    const auto folder = FolderOf(path);
    needs.read.push_back(folder.has_relative_path() ? folder : path);
  }
}

void AddHostFiles(const Options& options, const std::vector<std::string>& subjects, Needs& needs) {
  needs.read.assign(kAlwaysRead.begin(), kAlwaysRead.end());
  const fs::path root = options.rootfs;
  const fs::path sys = options.sysfs;
  needs.read.insert(needs.read.end(), {options.procfs, sys / "devices/system/cpu", sys / "module"});
  if (Contains(subjects, kPersistence)) {
    for (const auto* folder : kBootFolders) needs.read.push_back(root / folder);
  }
  if (Contains(subjects, kKernelLog)) needs.read.push_back(root / "dev/kmsg");
}

void AddWebConfig(const std::string& file, Needs& needs) {
  if (file.empty()) return;
  web::FileVersions versions;
  // Whether it is any good is for the server to say.
  static_cast<void>(web::LoadWebConfig(file, versions));
  for (const auto& [path, stamp] : versions) {
    AddReplacedFile(path, needs);
    if (!confinement::CanReadWithoutCapability(path)) {
      needs.capabilities.Add(Capability::kDacReadSearch);
    }
  }
}

void AddListening(const Options& options, const KernelAccess& access, Needs& needs) {
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
    // A letter in it makes it a name, or the zone of an IPv6 address, which is looked up as well.
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

std::vector<CollectorUse> UsesOf(const std::vector<std::string>& names,
                                 const KernelAccess& access) {
  std::vector<CollectorUse> uses;
  for (const auto& entry : Catalogue()) {
    if (!Contains(names, entry.name)) continue;
    for (const auto& use : entry.capabilities) {
      if (use.wanted_here && !use.wanted_here(access)) continue;
      uses.push_back({std::string(entry.name), use});
    }
  }
  return uses;
}

}  // namespace

std::vector<CollectorUse> CapabilityUsesOf(const Options& options, const KernelAccess& access) {
  return UsesOf(options.collectors, access);
}

bool WalksByBpf(const Options& options) {
  if (options.collector_options.flows_source.choice == FlowSourceChoice::kNetlink) return false;
  const auto subjects = SubjectsOf(options);
  return std::any_of(kFlowSubjects.begin(), kFlowSubjects.end(),
                     [&](auto subject) { return Contains(subjects, subject); });
}

Needs NeedsOf(const Options& options, const KernelAccess& access) {
  Needs needs;
  const auto subjects = SubjectsOf(options);
  for (const auto& [collector, use] : UsesOf(subjects, access)) {
    needs.capabilities.Add(use.capability);
  }
  needs.looks_into_processes = Contains(subjects, kNetns);
  needs.runs_bpf = access.flow_walk.has_value();
  AddHostFiles(options, subjects, needs);
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
