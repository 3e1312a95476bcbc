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

/// \brief  Which collectors are on, and their options.
/// Call AddTo() before the command line is parsed, and the other functions afterwards, while the
/// App exists. Do not move the object in between.
class CollectorFlags {
 public:
  void AddTo(CLI::App& app);

  /// Returns the names of enabled collectors, in the order of the catalogue.
  [[nodiscard]] std::vector<std::string> Enabled() const;
  /// Returns the enabled collectors that a flag names.
  [[nodiscard]] std::vector<std::string> AskedFor() const;
  /// Returns options of collectors that are off: "--collector.nat.top needs --collector.nat".
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
    const CLI::Option* option;  ///< Owned by the App.
  };

  std::map<std::string, Switch> switches_;
  std::vector<Setting> settings_;
  bool disable_defaults_ = false;
  CollectorOptions options_;
};

}  // namespace conntrack::exporter
