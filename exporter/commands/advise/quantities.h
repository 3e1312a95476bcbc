// Numbers for people.
#pragma once

#include <cstdint>
#include <string>

namespace conntrack::exporter::advise {

/// "64.0 MiB".
[[nodiscard]] std::string Bytes(std::uint64_t bytes);

/// "76 %", "0.4 %": one digit below 10.
[[nodiscard]] std::string Percent(double share);

/// "5.7": one digit.
[[nodiscard]] std::string Tenths(double value);

/// "1.5", "2".
[[nodiscard]] std::string Multiple(double factor);

}  // namespace conntrack::exporter::advise
