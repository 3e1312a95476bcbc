// docs/metrics.md names every family, with its type and labels, and none that does not exist.
#include <gmock/gmock.h>

#include <fstream>
#include <map>
#include <set>
#include <sstream>
#include <string>

#include "exporter/metrics/process_metrics.h"
#include "exporter/web/config/reloading_web_config.h"
#include "tests/support/source_dir.h"
#include "tests/support/temp_tree.h"
#include "tests/support/whole_output.h"

namespace conntrack::exporter {
namespace {

struct Described {
  std::string type;
  std::set<std::string> labels;

  friend bool operator==(const Described&, const Described&) = default;
};

void PrintTo(const Described& described, std::ostream* out) {
  *out << described.type << " " << testing::PrintToString(described.labels);
}

using Descriptions = std::map<std::string, Described>;

std::string TypeName(MetricType type) {
  switch (type) {
    case MetricType::kGauge:
      return "gauge";
    case MetricType::kCounter:
      return "counter";
    case MetricType::kHistogram:
      return "histogram";
  }
  return "unknown";
}

std::vector<std::string> Cells(const std::string& row) {
  std::vector<std::string> cells;
  std::size_t begin = 1;
  for (auto end = row.find('|', begin); end != std::string::npos; end = row.find('|', begin)) {
    auto cell = row.substr(begin, end - begin);
    std::erase(cell, '`');
    std::erase(cell, ' ');
    cells.push_back(cell);
    begin = end + 1;
  }
  return cells;
}

/// Rows "| `name` | type | `label`, `label` | ..." of the document.
Descriptions InTheDocument() {
  Descriptions described;
  std::ifstream file(std::string(test::SourceDir()) + "/docs/metrics.md");
  for (std::string line; std::getline(file, line);) {
    if (!line.starts_with("| `")) continue;
    const auto cells = Cells(line);
    static const std::set<std::string> kTypes = {"gauge", "counter", "histogram"};
    if (cells.size() < 4 || !kTypes.contains(cells[1])) continue;
    Described entry{cells[1], {}};
    std::istringstream labels(cells[2]);
    for (std::string label; std::getline(labels, label, ',');) entry.labels.insert(label);
    EXPECT_TRUE(described.emplace(cells[0], entry).second) << cells[0] << " stands twice";
  }
  return described;
}

void Add(const std::vector<Family>& families, Descriptions& described) {
  for (const auto& family : families) {
    if (family.samples.empty()) continue;
    Described entry{TypeName(family.type), {}};
    for (const auto& label : family.samples.front().labels) entry.labels.emplace(label.name);
    described.insert_or_assign(std::string(family.name), entry);
  }
}

TEST(MetricsDocument, SaysWhatTheBinarySays) {
  Descriptions real;
  for (const auto& scenario : test::Scenarios()) Add(test::WholeOutput(scenario), real);
  Add(ProcessFamilies(kernel::KernelFiles("/proc")), real);
  test::TempTree tree;
  tree.Write("web.yml", "");
  Add((*web::ReloadingWebConfig::Open((tree.root() / "web.yml").string()))->Metrics(), real);
  EXPECT_THAT(InTheDocument(), testing::ContainerEq(real));
}

}  // namespace
}  // namespace conntrack::exporter
