// Writes what the exporter serves on each capture in both formats: render_captures FOLDER. For
// tests that read it with other people's parsers.
#include <fstream>
#include <iostream>

#include "exporter/metrics/exposition.h"
#include "tests/support/whole_output.h"

int main(int argc, char** argv) {
  if (argc != 2) {
    std::cerr << "usage: render_captures FOLDER\n";
    return 2;
  }
  const std::string folder = argv[1];
  for (const auto& scenario : conntrack::test::Scenarios()) {
    const auto families = conntrack::test::WholeOutput(scenario);
    std::ofstream(folder + "/" + scenario.golden + ".prom")
        << conntrack::exporter::RenderText(families);
    std::ofstream(folder + "/" + scenario.golden + ".om")
        << conntrack::exporter::RenderOpenMetrics(families) << conntrack::exporter::kOpenMetricsEnd;
  }
  return 0;
}
