// The flags of `conntrack_exporter advise`.
#pragma once

#include <string>
#include <vector>

#include "exporter/commands/advise/advise_options.h"

namespace CLI {
class App;
}

namespace conntrack::exporter::advise {

/// AddTo() before the command line is parsed, options() after; the object stays where it is
/// between.
class AdviseFlags {
 public:
  void AddTo(CLI::App& command);
  [[nodiscard]] AdviseOptions options() const;

 private:
  void AddSizingFlags(CLI::App& command);
  void AddOutputFlags(CLI::App& command);

  AdviseOptions options_;
  std::uint64_t peak_ = 0;
  std::string profile_;
  std::vector<std::string> services_;
  std::string format_ = "text";
};

}  // namespace conntrack::exporter::advise
