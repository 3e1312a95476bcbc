// Network drivers that a test invents.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "kernel/ethtool.h"

namespace conntrack::test {

/// Names as a driver fills its table of strings: 32 bytes each.
[[nodiscard]] inline std::string DriverStrings(const std::vector<std::string_view>& names) {
  std::string strings;
  for (const auto name : names) {
    strings += name;
    strings.append(32 - name.size(), '\0');
  }
  return strings;
}

/// The strings of a driver ena from which all of EC2's allowances can be read, with one queue. No
/// ENA was at hand: they are written down from what its documentation names.
[[nodiscard]] inline std::string EnaStrings() {
  return DriverStrings({"tx_timeout", "suspend", "resume", "wd_expired", "interface_up",
                        "interface_down", "admin_q_pause", "reset_fail", "bw_in_allowance_exceeded",
                        "bw_out_allowance_exceeded", "pps_allowance_exceeded",
                        "conntrack_allowance_exceeded", "linklocal_allowance_exceeded",
                        "conntrack_allowance_available", "queue_0_tx_cnt", "queue_0_tx_bytes",
                        "ena_admin_q_aborted_cmd"});
}

/// Values for EnaStrings(): those of the allowances, and 7 for all others.
[[nodiscard]] inline std::vector<std::uint64_t> EnaValues(std::uint64_t bw_in, std::uint64_t bw_out,
                                                          std::uint64_t pps,
                                                          std::uint64_t conntrack,
                                                          std::uint64_t linklocal,
                                                          std::uint64_t available) {
  return {7, 7, 7, 7, 7, 7, 7, 7, bw_in, bw_out, pps, conntrack, linklocal, available, 7, 7, 7};
}

/// What a test may change between two readings.
class FakeEthtool final : public kernel::Ethtool {
 public:
  struct Interface {
    std::string driver;
    Result<kernel::DriverStatistics> statistics = kernel::DriverStatistics{};
  };
  std::map<std::string, Interface> interfaces;
  Result<void> access = {};            ///< What fails fails at the first driver that is asked.
  std::vector<std::string> gone = {};  ///< Listed, but no longer there when asked.

  Result<std::vector<std::string>> Interfaces() const override {
    auto names = gone;
    for (const auto& [name, interface] : interfaces) names.push_back(name);
    return names;
  }
  Result<std::string> Driver(const std::string& interface) const override {
    if (!access) return Fail(access.error());
    return Find(interface).map([](const Interface* found) { return found->driver; });
  }
  Result<kernel::DriverStatistics> Statistics(const std::string& interface) const override {
    return Find(interface).and_then([](const Interface* found) { return found->statistics; });
  }

 private:
  Result<const Interface*> Find(const std::string& name) const {
    const auto found = interfaces.find(name);
    if (found == interfaces.end()) return Fail(ErrorKind::kAbsent, "no such device");
    return &found->second;
  }
};

/// An instance of EC2 with two interfaces of its own and one of a container.
[[nodiscard]] inline std::shared_ptr<FakeEthtool> InstanceOfEc2() {
  auto ethtool = std::make_shared<FakeEthtool>();
  ethtool->interfaces = {
      {"eth0",
       {"ena",
        kernel::ParseDriverStatistics(EnaStrings(), EnaValues(11, 12, 13, 14, 15, 136'812))}},
      {"eth1",
       {"ena", kernel::ParseDriverStatistics(EnaStrings(), EnaValues(0, 0, 0, 2, 0, 136'812))}},
      {"veth1", {"veth", kernel::DriverStatistics{{"peer_ifindex", 2}}}}};
  return ethtool;
}

}  // namespace conntrack::test
