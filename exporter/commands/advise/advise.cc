#include "exporter/commands/advise/advise.h"

#include <algorithm>
#include <string>
#include <vector>

#include "exporter/commands/advise/advice.h"
#include "exporter/commands/advise/files.h"
#include "exporter/commands/advise/gather.h"
#include "exporter/commands/advise/output_dir.h"
#include "exporter/commands/advise/text.h"
#include "exporter/commands/advise/wrapped.h"

namespace conntrack::exporter {
namespace {

constexpr int kFailed = 1;
constexpr int kRefused = 2;
constexpr const char* kSuggestedFolder = "./conntrack-advice";

int Report(std::ostream& err, const Error& error) {
  err << "conntrack_exporter: " << error.message << "\n";
  if (!error.remedy.empty()) err << "remedy: " << error.remedy << "\n";
  return error.kind == ErrorKind::kHeldBack ? kRefused : kFailed;
}

std::string Indented(const std::string& lines) {
  std::string text = "  ";
  for (const char c : lines.substr(0, lines.size() - 1)) {
    text += c;
    if (c == '\n') text += "  ";
  }
  return text + "\n";
}

std::string Ending(const advise::Machine& machine, const advise::Advice& advice,
                   const std::string& folder) {
  const auto head =
      folder.empty() ? advise::Wrapped(
                           "This program changes nothing. The same command with --output-dir " +
                               std::string(kSuggestedFolder) +
                               " writes these settings as files, with their reasons; once you have "
                               "read them, as root:",
                           "", "")
                     : "The files are in " + folder + ". Read them first; then, as root:\n";
  return "\n" + head +
         Indented(
             advise::InstallCommands(machine, advice, folder.empty() ? kSuggestedFolder : folder));
}

int Write(const advise::Machine& machine, const advise::Advice& advice, const std::string& text,
          const Options& options, std::ostream& err) {
  const auto& folder = options.advise.output_dir;
  std::vector<advise::NamedText> files = {{"advice.txt", text}};
  for (const auto& file : advise::AdviceFiles()) {
    files.push_back({std::string(file.name), file.render(machine, advice)});
  }
  const auto written = advise::WriteFiles(folder, files, options.advise.force);
  return written ? 0 : Report(err, written.error());
}

}  // namespace

int Advise(const Options& options, const KernelAccess& access, std::ostream& out,
           std::ostream& err) {
  const auto& folder = options.advise.output_dir;
  if (!folder.empty()) {
    const auto refused = advise::WhyRefused(folder, options.rootfs);
    if (refused) return Report(err, *refused);
  }
  const auto machine = advise::Gather(access, options.collector_options.Get<FlowSourceOptions>(),
                                      options.advise.top);
  if (!machine.kernel && !machine.mem_total) return Report(err, machine.missing.front().reason);
  return AdviseFor(machine, options, out, err);
}

int AdviseFor(const advise::Machine& machine, const Options& options, std::ostream& out,
              std::ostream& err) {
  const auto advice = advise::Advise(machine, options.advise);
  for (const auto& file : advise::AdviceFiles()) {
    if (file.format == options.advise.format) {
      out << file.render(machine, advice);
      return 0;
    }
  }
  const auto& folder = options.advise.output_dir;
  const auto text = advise::Text(machine, advice) + Ending(machine, advice, folder);
  if (!folder.empty()) {
    if (const int code = Write(machine, advice, text, options, err); code != 0) return code;
  }
  out << text;
  return 0;
}

}  // namespace conntrack::exporter
