#include "exporter/commands/advise/options.h"

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <algorithm>
#include <map>

#include "exporter/command_line/number_within.h"
#include "exporter/command_line/trusted_caller.h"

namespace conntrack::exporter::advise {
namespace {

// Multiplied by the largest headroom, still below the kernel's maximum of 2^29 buckets.
constexpr std::uint64_t kLargestPeak = 100'000'000;
constexpr int kLargestHeadroom = 5;

const std::map<std::string, Format> kFormats = {{"text", Format::kText},
                                                {"sysctl", Format::kSysctl},
                                                {"modprobe", Format::kModprobe},
                                                {"modules-load", Format::kModulesLoad},
                                                {"udev", Format::kUdev},
                                                {"nft-notrack", Format::kNftNotrack},
                                                {"iptables-notrack", Format::kIptablesNotrack},
                                                {"kubernetes", Format::kKubernetes},
                                                {"json", Format::kJson}};

std::string KnownTarget(const std::string& text) {
  const auto target = ParseNotrackTarget(text);
  return target ? "" : target.error().message;
}

void AddTarget(const std::string& text, std::vector<NotrackTarget>& targets) {
  const auto target = *ParseNotrackTarget(text);
  if (std::find(targets.begin(), targets.end(), target) == targets.end()) {
    targets.push_back(target);
  }
}

void AddSizingFlags(CLI::App& command, AdviseOptions& options) {
  const auto* group = "What to advise for";
  command
      .add_option_function<std::string>(
          "--profile",
          [&options](const std::string& name) { options.profile = ProfileNamed(name); },
          "Kind of host to size for; the default is detected on this host")
      ->type_name("NAME")
      ->check(CLI::IsMember(ProfileNames()))
      ->group(group);
  command
      .add_option("--peak", options.peak,
                  "Highest known number of entries, from conntrack_entries_peak; the default is "
                  "the current number")
      ->type_name("N")
      ->check(CLI::Range(std::uint64_t{1}, kLargestPeak))
      ->group(group);
  command.add_option("--headroom", options.headroom, "Limit as a multiple of the peak")
      ->type_name("FACTOR")
      ->check(NumberWithin(1, kLargestHeadroom))
      ->capture_default_str()
      ->group(group);
  command
      .add_option_function<std::vector<std::string>>(
          "--notrack,--service",
          [&options](const std::vector<std::string>& texts) {
            for (const auto& text : texts) AddTarget(text, options.notrack);
          },
          "Exempt packets from tracking (NOTRACK): a service such as udp/53; bgp, ospf, gre, esp, "
          "ipip, vxlan, geneve; or a network such as 10.0.0.0/8; repeatable. Breaks NAT and "
          "stateful rules for these packets")
      ->type_name("PROTO/PORT|NAME|NETWORK")
      ->allow_extra_args(false)
      ->check(KnownTarget)
      ->group(group);
  command
      .add_flag("--accounting", options.accounting,
                "Count packets and bytes of each flow (nf_conntrack_acct); prints the memory cost")
      ->group(group);
  command
      .add_flag(
          "--timestamps", options.timestamps,
          "Record the start time of each flow (nf_conntrack_timestamp); prints the memory cost")
      ->group(group);
  command.add_option("--top", options.top, "Maximum number of services to list")
      ->type_name("N")
      ->check(CLI::Range(0U, 100U))
      ->capture_default_str()
      ->group(group);
}

void AddOutputFlags(CLI::App& command, AdviseOptions& options) {
  const auto* group = "What to print or write";
  auto* format =
      command
          .add_option_function<std::string>(
              "--format",
              [&options](const std::string& name) { options.format = kFormats.at(name); },
              "text, one of the files (sysctl, modprobe, modules-load, udev, "
              "nft-notrack, iptables-notrack, kubernetes), or json")
          ->type_name("FORMAT")
          ->check(CLI::IsMember(kFormats))
          ->default_str("text")
          ->group(group);
  command
      .add_option("--output-dir", options.output_dir,
                  "Write all files to this directory, for review; not allowed below /etc, /usr, "
                  "/run and /lib")
      ->type_name("DIR")
      ->check(TrustedCaller())
      ->excludes(format)
      ->group(group);
  command.add_flag("--force", options.force, "Overwrite files of an earlier run in --output-dir")
      ->group(group);
}

}  // namespace

void AddAdviseFlags(CLI::App& command, AdviseOptions& options) {
  AddSizingFlags(command, options);
  AddOutputFlags(command, options);
}

}  // namespace conntrack::exporter::advise
