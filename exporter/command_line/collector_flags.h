// The flags --collector.*
#pragma once

#include <map>
#include <string>
#include <vector>

#include "collectors/catalogue.h"

namespace CLI {
class App;
}

namespace conntrack::exporter {

/// Empty where there is a sizing profile of that name, else what is wrong: a check for flags.
[[nodiscard]] std::string KnownProfile(const std::string& name);

/// \brief  Which collectors are on, and what is set for them.
/// AddTo() before the command line is parsed, the others after; the object stays where it is
/// between.
class CollectorFlags {
 public:
  void AddTo(CLI::App& app);

  /// Names of the collectors that are on, in the order of the catalogue.
  [[nodiscard]] std::vector<std::string> Enabled() const;
  /// Those of them that a flag names.
  [[nodiscard]] std::vector<std::string> AskedFor() const;
  [[nodiscard]] CollectorOptions options() const;

 private:
  struct Switch {
    bool on = false;
    bool off = false;
  };

  void AddFlowsFlags(CLI::App& app);
  void AddTalkersFlags(CLI::App& app);
  void AddNatFlags(CLI::App& app);
  void AddEventsFlags(CLI::App& app);
  void AddSizingFlags(CLI::App& app);
  void AddNetnsFlags(CLI::App& app);

  std::map<std::string, Switch> switches_;
  bool disable_defaults_ = false;
  CollectorOptions options_;
  unsigned max_softirq_hold_ms_ = 100;
  std::string sizing_profile_;
};

}  // namespace conntrack::exporter
