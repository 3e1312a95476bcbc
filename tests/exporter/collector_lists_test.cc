// Lists of collectors outside the sources. Those that follow from the catalogue are generated:
// CONNTRACK_UPDATE_GOLDEN=1 rewrites them. For the others a failure says what to add where.
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <regex>
#include <sstream>

#include "collectors/catalogue.h"
#include "exporter/confinement/capabilities.h"
#include "tests/support/source_dir.h"

namespace conntrack::exporter {
namespace {

namespace fs = std::filesystem;

fs::path InSources(std::string_view path) { return fs::path(test::SourceDir()) / path; }

std::string TextOf(const fs::path& path) {
  std::ostringstream text;
  text << std::ifstream(path).rdbuf();
  return text.str();
}

std::string TableOfCollectors() {
  std::ostringstream table;
  table << "| collector | default | what it yields |\n|---|---|---|";
  for (const auto& entry : Catalogue()) {
    const auto* state = !entry.on_by_default   ? "off"
                        : entry.why_unreadable ? "on where it can be read"
                                               : "on";
    table << "\n| " << entry.name << " | " << state << " | " << entry.summary << " |";
  }
  return table.str();
}

std::string TableOfNeeds() {
  std::ostringstream table;
  table << "| collector | needs |\n|---|---|";
  for (const auto& entry : Catalogue()) {
    table << "\n| " << entry.name << " | " << entry.needs << " |";
  }
  return table.str();
}

std::string TableOfCapabilities() {
  std::ostringstream table;
  table << "| collector | capability | for | without it |\n|---|---|---|---|";
  for (const auto& entry : Catalogue()) {
    if (entry.capabilities.empty()) table << "\n| " << entry.name << " | none | | |";
    for (const auto& use : entry.capabilities) {
      const auto* without = !use.required          ? "the rest is there"
                            : entry.why_unreadable ? "it is off, unless a flag asks for it"
                                                   : "it yields nothing";
      table << "\n| " << entry.name << " | "
            << confinement::NameOf(static_cast<int>(use.capability)) << " | " << use.purpose
            << " | " << without << " |";
    }
  }
  return table.str();
}

std::string NamesAsJson() {
  std::string names;
  for (const auto& entry : Catalogue()) {
    names += (names.empty() ? "        \"" : ",\n        \"") + std::string(entry.name) + "\"";
  }
  return names;
}

/// A part of a file, between two texts.
struct MadeList {
  const char* path;
  std::string_view begin;
  std::string_view end;
  std::string (*make)();
};

constexpr std::string_view kMark = "<!-- from the catalogue of collectors -->\n";
constexpr MadeList kMadeLists[] = {
    {"README.md", kMark, "\n\n", TableOfCollectors},
    {"docs/privileges.md", "<!-- needs, from the catalogue of collectors -->\n", "\n\n",
     TableOfNeeds},
    {"docs/privileges.md", kMark, "\n\n", TableOfCapabilities},
    {"deploy/helm/conntrack-exporter/values.schema.json", "\"collector\": {\n      \"enum\": [\n",
     "\n      ]", NamesAsJson},
};

TEST(GoldenCollectorLists, AreThoseOfTheCatalogue) {
  for (const auto& [path, begin, end, make] : kMadeLists) {
    const auto file = InSources(path);
    auto text = TextOf(file);
    const auto mark = text.find(begin);
    ASSERT_NE(mark, std::string::npos) << path << " has lost its mark: " << begin;
    const auto from = mark + begin.size();
    const auto size = text.find(end, from) - from;
    const auto list = make();
    if (std::getenv("CONNTRACK_UPDATE_GOLDEN") != nullptr) {
      std::ofstream(file) << text.replace(from, size, list);
    } else {
      EXPECT_EQ(text.substr(from, size), list)
          << path << " (CONNTRACK_UPDATE_GOLDEN=1 rewrites it)";
    }
  }
}

/// Where every collector has to be written about.
struct WrittenPart {
  const char* path;     ///< A file; or a folder, whose file names count too.
  const char* pattern;  ///< A regular expression, with NAME for the collector.
  const char* what;
};

constexpr WrittenPart kWrittenParts[] = {
    {"docs/metrics.md", "\n## NAME\n", "a chapter of that name with a row for each metric"},
    {"docs/fleet.md", R"(\n\| NAME\b)", "what tests/bench/cardinality.py prints"},
    {"CHANGELOG.md", R"(\bNAME\b)", "a line"},
    {"tests/collectors", R"(\bNAME(_collector)?_test\.cc\n)", "NAME_test.cc"},
    {"tests/live", R"(\bNAME\b)", "a test on the running kernel"},
};

std::string NamesAndTextsBelow(const fs::path& folder) {
  std::string text;
  for (const auto& file : fs::recursive_directory_iterator(folder)) {
    if (file.is_regular_file()) text += file.path().filename().string() + "\n" + TextOf(file);
  }
  return text;
}

TEST(CollectorLists, HaveEveryCollector) {
  for (const auto& [path, pattern, what] : kWrittenParts) {
    const auto place = InSources(path);
    const auto text = fs::is_directory(place) ? NamesAndTextsBelow(place) : TextOf(place);
    for (const auto& entry : Catalogue()) {
      std::string wanted = pattern;
      wanted.replace(wanted.find("NAME"), 4, entry.name);
      EXPECT_TRUE(std::regex_search(text, std::regex(wanted)))
          << "collector " << entry.name << " is missing in " << path << ": add " << what;
    }
  }
}

}  // namespace
}  // namespace conntrack::exporter
