// Any bytes as names from outside, through every output: what comes out is UTF-8 that controls
// nothing, and each line is what its format says.
#include <cstddef>
#include <cstdint>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "exporter/commands/report/formats.h"
#include "exporter/commands/standard_stream.h"
#include "exporter/commands/terminal.h"
#include "exporter/metrics/exposition.h"
#include "exporter/process/log.h"
#include "exporter/process/printable_text.h"
#include "exporter/status/html.h"

using namespace conntrack::
    exporter;  // NOLINT(google-build-using-namespace): a fuzz target is one function

namespace {

void Require(bool held) {
  if (!held) __builtin_trap();
}

// Not the decoder that is tested: nlohmann_json's takes a string only if it is UTF-8.
void RequirePrintable(std::string_view text) {
  Require(nlohmann::json::accept(
      nlohmann::json(text).dump(-1, ' ', false, nlohmann::json::error_handler_t::strict)));
  for (const char c : text) Require(static_cast<unsigned char>(c) >= ' ' && c != '\x7f');
  for (std::size_t at = 0; (at = text.find('\xc2', at)) != std::string_view::npos; ++at) {
    Require(static_cast<unsigned char>(text[at + 1]) >= 0xa0);  // no C1
  }
  for (const std::string_view begin : {"\xe2\x80", "\xe2\x81"}) {
    for (std::size_t at = 0; (at = text.find(begin, at)) != std::string_view::npos; ++at) {
      const auto last = static_cast<unsigned char>(text[at + 2]);
      Require(begin.back() == '\x80' ? last < 0xa8 || last > 0xae : last < 0xa6 || last > 0xa9);
    }
  }
}

std::vector<std::string> PrintableLines(std::string_view text) {
  std::vector<std::string> lines;
  Require(text.ends_with('\n'));
  for (; !text.empty(); text.remove_prefix(lines.back().size() + 1)) {
    lines.emplace_back(text.substr(0, text.find('\n')));
    RequirePrintable(lines.back());
  }
  return lines;
}

// Whether a line begins and ends so, and what is between has no quote that is not escaped, and no
// escape but of quotes and backslashes.
bool IsEscapedBetween(std::string_view line, std::string_view begin, std::string_view end,
                      bool quotes) {
  if (line.size() < begin.size() + end.size()) return false;
  if (!line.starts_with(begin) || !line.ends_with(end)) return false;
  line = line.substr(begin.size(), line.size() - begin.size() - end.size());
  for (std::size_t i = 0; i < line.size(); ++i) {
    if (line[i] == '"' && quotes) return false;
    if (line[i] == '\\' && (++i == line.size() || (line[i] != '\\' && (line[i] != '"' || !quotes))))
      return false;
  }
  return true;
}

void Metrics(const std::string& name) {
  const auto help = "." + name;  // prometheus-cpp leaves an empty one out
  const std::vector<conntrack::Family> families = {
      {"a", help, conntrack::MetricType::kGauge, {{{{"x", name}}, 1}}}};
  const auto text = PrintableLines(RenderText(families));
  Require(text.size() == 3 && IsEscapedBetween(text[0], "# HELP a .", "", false));
  Require(text[1] == "# TYPE a gauge" && IsEscapedBetween(text[2], "a{x=\"", "\"} 1", true));
  const auto open = PrintableLines(RenderOpenMetrics(families));
  Require(open.size() == 3 && IsEscapedBetween(open[1], "# HELP a .", "", true));
  Require(open[0] == "# TYPE a gauge" && open[2] == text[2]);
}

void Log(const std::string& name) {
  if (name.empty()) return;  // Empty fields are omitted.
  const auto printable = PrintableText(name);
  const auto json = log::Line(log::Format::kJson, log::Level::kInfo, name, {{"key", name}});
  RequirePrintable(json);
  const auto parsed = nlohmann::json::parse(json);
  Require(parsed["msg"] == printable && parsed["key"] == printable && parsed.size() == 4);
  const auto line = log::Line(log::Format::kLogfmt, log::Level::kInfo, name, {{"key", name}});
  RequirePrintable(line);
  const auto quoted = nlohmann::json(printable).dump();
  const auto head = std::string("level=info msg=") + quoted + " key=";
  const auto at = line.find(head);
  Require(line.starts_with("time=") && at != std::string::npos);
  const auto value = line.substr(at + head.size());
  Require(value == quoted || (value == name && name.find_first_of(" \"=\\") == std::string::npos));
}

void Page(const std::string& name) {
  const auto html = status::Element("p", {{"title", name}}, name).markup();
  RequirePrintable(html);
  const auto tag_ends = html.find('>');
  Require(html.starts_with("<p title=\"") && html.ends_with("</p>"));
  Require(html.substr(tag_ends - 1, 2) == "\">");
  const auto text = html.substr(tag_ends + 1, html.size() - tag_ends - 5);
  Require(text.find_first_of("<>\"'") == std::string::npos);
  Require(html.substr(10, tag_ends - 11) == text);
}

void Screen(const std::string& name) {
  for (const auto& line : PrintableLines(Wrap(name + " .", 40, "- "))) {
    Require(line.starts_with("- ") || line.starts_with("  "));
  }
  const Table table{name, {name}, {{name, name}}};
  const auto lines = LinesOf(table, 60, Paint(false));
  Require(lines.size() == 2);
  for (const auto& line : lines) RequirePrintable(line);
  const auto heading = report::RenderText({name, "6.1", "now"}, {}, {}, {});
  Require(PrintableLines(heading).front().ends_with(", Linux 6.1, now"));
  Require(nlohmann::json::parse(report::RenderJson({name, "", ""}, {}, {}, 5, -1))["host"] ==
          PrintableText(name));
  // What goes another way, without what our own layout may write.
  auto output = PrintableOutput(name);
  for (const auto code : kEscapeCodes) {
    for (std::size_t at; (at = output.find(code)) != std::string::npos;) {
      output.replace(at, code.size(), ".");
    }
  }
  for (auto& c : output) c = c == '\n' || c == '\t' ? ' ' : c;
  RequirePrintable(output);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size > 4096) return 0;
  const std::string name(reinterpret_cast<const char*>(data), size);
  const auto printable = PrintableText(name);
  RequirePrintable(printable);
  Require(PrintableText(printable) == printable && printable.size() >= name.size());
  Metrics(name);
  Log(name);
  Page(name);
  Screen(name);
  return 0;
}
