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

// Times the largest headroom, still below the kernel's maximum of 2^29 buckets.
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

std::string KnownService(const std::string& text) {
  return ParseService(text) ? "" : text + " is not PROTO/PORT with tcp, udp or sctp, as udp/53";
}

std::string KnownProfile(const std::string& name) {
  const auto profile = ParseProfile(name);
  return profile ? "" : profile.error().message;
}

void AddService(const ServicePort& service, std::vector<ServicePort>& services) {
  if (std::find(services.begin(), services.end(), service) == services.end()) {
    services.push_back(service);
  }
}

void AddSizingFlags(CLI::App& command, AdviseOptions& options) {
  const auto* group = "What to advise for";
  command
      .add_option_function<std::string>(
          "--profile",
          [&options](const std::string& name) { options.profile = *ParseProfile(name); },
          "What this machine is: light, medium, heavy, kubernetes, nat-gateway; chosen from "
          "the machine where it is not given")
      ->type_name("NAME")
      ->check(KnownProfile)
      ->group(group);
  command
      .add_option("--peak", options.peak,
                  "Highest count of entries known, from conntrack_entries_peak; the present count "
                  "where it is not given")
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
          "--service",
          [&options](const std::vector<std::string>& texts) {
            for (const auto& text : texts) AddService(*ParseService(text), options.services);
          },
          "Service that is not to be tracked (NOTRACK), as udp/53; may be given several "
          "times. Breaks NAT and stateful rules for it")
      ->type_name("PROTO/PORT")
      ->allow_extra_args(false)
      ->check(KnownService)
      ->group(group);
  command.add_option("--top", options.top, "Most services to name as those that fill the table")
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
                  "Write all files there, for review; never into /etc, /usr, /run or /lib")
      ->type_name("DIR")
      ->check(TrustedCaller())
      ->excludes(format)
      ->group(group);
  command.add_flag("--force", options.force, "Replace files of an earlier advice in --output-dir")
      ->group(group);
}

}  // namespace

void AddAdviseFlags(CLI::App& command, AdviseOptions& options) {
  AddSizingFlags(command, options);
  AddOutputFlags(command, options);
}

}  // namespace conntrack::exporter::advise
