#include "exporter/commands/advise/advise_flags.h"

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <algorithm>
#include <map>

#include "exporter/command_line/number_within.h"

namespace conntrack::exporter::advise {
namespace {

// With the largest headroom still below what the kernel can have of buckets: 2^29.
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

}  // namespace

void AdviseFlags::AddTo(CLI::App& command) {
  AddSizingFlags(command);
  AddOutputFlags(command);
}

void AdviseFlags::AddSizingFlags(CLI::App& command) {
  const auto* group = "What to advise for";
  command
      .add_option(
          "--profile", profile_,
          "What this machine is: light, medium, heavy, kubernetes, nat-gateway; chosen from "
          "the machine where it is not given")
      ->type_name("NAME")
      ->check(KnownProfile)
      ->group(group);
  command
      .add_option("--peak", peak_,
                  "Highest count of entries known, from conntrack_entries_peak; the present count "
                  "where it is not given")
      ->type_name("N")
      ->check(CLI::Range(std::uint64_t{1}, kLargestPeak))
      ->group(group);
  command.add_option("--headroom", options_.headroom, "Limit as a multiple of the peak")
      ->type_name("FACTOR")
      ->check(NumberWithin(1, kLargestHeadroom))
      ->capture_default_str()
      ->group(group);
  command
      .add_option("--service", services_,
                  "Service that is not to be tracked (NOTRACK), as udp/53; may be given several "
                  "times. Breaks NAT and stateful rules for it")
      ->type_name("PROTO/PORT")
      ->allow_extra_args(false)
      ->check(KnownService)
      ->group(group);
  command.add_option("--top", options_.top, "Most services to name as those that fill the table")
      ->type_name("N")
      ->check(CLI::Range(0U, 100U))
      ->capture_default_str()
      ->group(group);
}

void AdviseFlags::AddOutputFlags(CLI::App& command) {
  const auto* group = "What to print or write";
  auto* format = command
                     .add_option("--format", format_,
                                 "text, one of the files (sysctl, modprobe, modules-load, udev, "
                                 "nft-notrack, iptables-notrack, kubernetes), or json")
                     ->type_name("FORMAT")
                     ->check(CLI::IsMember(kFormats))
                     ->capture_default_str()
                     ->group(group);
  command
      .add_option("--output-dir", options_.output_dir,
                  "Write all files there, for review; never into /etc, /usr, /run or /lib")
      ->type_name("DIR")
      ->excludes(format)
      ->group(group);
  command.add_flag("--force", options_.force, "Replace files of an earlier advice in --output-dir")
      ->group(group);
}

AdviseOptions AdviseFlags::options() const {
  auto options = options_;
  if (const auto profile = ParseProfile(profile_)) options.profile = *profile;
  if (peak_ != 0) options.peak = peak_;
  for (const auto& text : services_) {
    const auto service = *ParseService(text);
    const auto& known = options.services;
    const bool twice = std::find(known.begin(), known.end(), service) != known.end();
    if (!twice) options.services.push_back(service);
  }
  options.format = kFormats.at(format_);
  return options;
}

}  // namespace conntrack::exporter::advise
