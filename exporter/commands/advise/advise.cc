#include "exporter/commands/commands.h"

#include <sstream>
#include <string>
#include <vector>

#include "exporter/commands/advise/advise.h"
#include "exporter/commands/terminal.h"
#include "exporter/process/printable_text.h"

namespace conntrack::exporter {
namespace {

constexpr int kFailed = 1;
constexpr int kRefused = 2;
constexpr const char* kSuggestedFolder = "./conntrack-advice";

int ExitWith(std::ostream& err, const Error& error) {
  err << "conntrack_exporter: " << PrintableText(error.message) << "\n";
  if (!error.remedy.empty()) err << "remedy: " << PrintableText(error.remedy) << "\n";
  return error.kind == ErrorKind::kHeldBack ? kRefused : kFailed;
}

std::string Ending(const Machine& machine, const SizingAdvice& advice, const std::string& folder) {
  const auto install =
      advise::InstallCommands(machine, advice, folder.empty() ? kSuggestedFolder : folder);
  const auto& place = machine.place;
  const std::string who =
      place.container() && place.boot_network_namespace == true ? "as root on the host" : "as root";
  auto text = folder.empty()
                  ? "This program changes nothing. The same command with --output-dir " +
                        std::string(kSuggestedFolder) + " writes the files, with their reasons"
                  : "The files are in " + PrintableText(folder) + ". Read them first";
  text += install.empty() ? "." : "; once you have read them, " + who + ":";
  text = Wrap(text, advise::kLineWidth, "");
  std::istringstream commands(install);
  for (std::string command; std::getline(commands, command);) text += "  " + command + "\n";
  return "\n" + text;
}

int Write(const Machine& machine, const SizingAdvice& advice, const std::string& text,
          const Options& options, std::ostream& err) {
  const auto& folder = options.advise.output_dir;
  std::vector<advise::NamedText> files = {{"advice.txt", text}};
  for (const auto& file : advise::AdviceFiles()) {
    if (advise::WhyWithoutEffect(file, machine, advice)) continue;
    files.push_back({std::string(file.name), file.render(machine, advice)});
  }
  const auto written = advise::WriteFiles(folder, files, options.advise.force);
  return written ? 0 : ExitWith(err, written.error());
}

}  // namespace

int Advise(const Options& options, const KernelAccess& access, std::ostream& out,
           std::ostream& err) {
  const auto& folder = options.advise.output_dir;
  if (!folder.empty()) {
    const auto refused = advise::WhyRefused(folder, options.rootfs);
    if (refused) return ExitWith(err, *refused);
  }
  const auto machine =
      advise::Gather(access, options.collector_options.Get<FlowSourceOptions>(), options.advise);
  if (!machine.kernel && !machine.mem_total) return ExitWith(err, machine.missing.front().reason);
  return AdviseFor(machine, options, out, err);
}

int AdviseFor(const Machine& machine, const Options& options, std::ostream& out,
              std::ostream& err) {
  const auto advice = AdviseSizing(machine, options.advise);
  for (const auto& file : advise::AdviceFiles()) {
    if (file.format == options.advise.format) {
      if (auto why = advise::WhyWithoutEffect(file, machine, advice)) {
        why->message = std::string(file.name) + " would have no effect here: " + why->message;
        return ExitWith(err, *why);
      }
      out << file.render(machine, advice);
      return 0;
    }
  }
  const auto& folder = options.advise.output_dir;
  const auto text = advise::RenderText(machine, advice) + Ending(machine, advice, folder);
  if (!folder.empty()) {
    if (const int code = Write(machine, advice, text, options, err); code != 0) return code;
  }
  out << text;
  return 0;
}

}  // namespace conntrack::exporter
