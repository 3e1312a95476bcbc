// What the command line sets for `conntrack_exporter advise`.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "collectors/sizing.h"

namespace conntrack::exporter::advise {

/// What clients want: a protocol that has ports, and the port.
struct ServicePort {
  std::string protocol;  ///< "tcp", "udp" or "sctp".
  std::uint16_t port = 0;

  friend bool operator==(const ServicePort&, const ServicePort&) = default;
};

/// "udp/53".
[[nodiscard]] std::string ToString(const ServicePort& service);

/// Reads "udp/53"; nothing where it is no protocol with ports that rules can name, or no port.
[[nodiscard]] std::optional<ServicePort> ParseService(std::string_view text);

enum class Format {
  kText,
  kSysctl,
  kModprobe,
  kModulesLoad,
  kUdev,
  kNftNotrack,
  kIptablesNotrack,
  kKubernetes,
  kJson
};

/// The defaults are those of --help.
struct AdviseOptions {
  std::optional<SizingProfile> profile;  ///< Chosen from the machine where it is not given.
  std::optional<std::uint64_t> peak;     ///< The present count where it is not given.
  double headroom = kDefaultHeadroom;
  std::vector<ServicePort> services;  ///< For which NOTRACK rules are active.
  std::size_t top = 5;                ///< Most services that are named and proposed.
  Format format = Format::kText;
  std::string output_dir;  ///< Where all files are to be written; empty: none is.
  bool force = false;      ///< Replace files that are there.
};

}  // namespace conntrack::exporter::advise
