// The flags --collector.*
#pragma once

#include <map>
#include <string>
#include <vector>

#include "collectors/catalogue.h"

namespace CLI {
class App;
class Option;
}  // namespace CLI

namespace conntrack::exporter {

/// \brief  Which collectors are on, and what is set for them.
/// AddTo() before the command line is parsed, the others after, while the App is there; the object
/// stays where it is between.
class CollectorFlags {
 public:
  void AddTo(CLI::App& app);

  /// Names of the collectors that are on, in the order of the catalogue.
  [[nodiscard]] std::vector<std::string> Enabled() const;
  /// Those of them that a flag names.
  [[nodiscard]] std::vector<std::string> AskedFor() const;
  /// What is set for collectors that are off: "--collector.nat.top needs --collector.nat".
  [[nodiscard]] std::vector<std::string> WithoutEffect() const;
  [[nodiscard]] const CollectorOptions& options() const { return options_; }

 private:
  struct Switch {
    bool on = false;
    bool off = false;
  };

  struct Setting {
    const CatalogueEntry* collector;
    const CollectorFlag* flag;
    const CLI::Option* option;  ///< Of the App that it was added to.
  };

  std::map<std::string, Switch> switches_;
  std::vector<Setting> settings_;
  bool disable_defaults_ = false;
  CollectorOptions options_;
};

}  // namespace conntrack::exporter
