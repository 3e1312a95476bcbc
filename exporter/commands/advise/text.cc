#include <algorithm>
#include <utility>

#include "diagnosis/format.h"
#include "exporter/commands/advise/advise.h"
#include "exporter/commands/terminal.h"

namespace conntrack::exporter::advise {
namespace {

constexpr std::size_t kLabel = 24;
constexpr std::size_t kTimeoutName = 38;
constexpr std::size_t kNumber = 10;
constexpr std::size_t kSmallNumber = 7;
constexpr std::size_t kStates = 6;

std::string Known(const std::optional<std::uint64_t>& value) {
  return value ? std::to_string(*value) : "?";
}

std::string Share(std::uint64_t part, std::uint64_t whole) {
  return whole == 0 ? "" : RoundedPercent(static_cast<double>(part) / static_cast<double>(whole));
}

/// Returns "  label     words", wrapped with a hanging indent.
std::string Row(const std::string& label, const std::string& words) {
  return Wrap(words, kLineWidth, "  " + PadRight(label, kLabel));
}

std::string PeakWords(const Machine& machine, const SizingAdvice& advice) {
  constexpr const char* kRemedy =
      "give --peak with the highest conntrack_entries_peak you have seen";
  if (!advice.peak_given && !machine.Sysctl("nf_conntrack_count")) {
    return std::string("not known: ") + kRemedy;
  }
  const auto entries = std::to_string(advice.peak) + " entries, ";
  return advice.peak_given ? entries + "given by --peak"
                           : entries + "the current count: " + kRemedy;
}

std::string MachineLines(const Machine& machine, const SizingAdvice& advice) {
  std::string text;
  if (const auto elsewhere = WhyNotTheHost(machine.place)) {
    text = Wrap(elsewhere->message + ". What to do: " + elsewhere->remedy + ".", kLineWidth, "") +
           "\n";
  }
  text += "Host\n" + Row("place", DescribePlace(machine.place));
  text += Row("kernel", machine.release.empty() ? "unknown" : machine.release);
  if (machine.mem_total) {
    const auto nominal = NominalMemory(*machine.mem_total);
    text += Row("memory",
                Bytes(*machine.mem_total) +
                    (nominal == *machine.mem_total ? "" : ", rounded up to " + Bytes(nominal)));
  }
  if (machine.cpus) text += Row("CPUs", std::to_string(*machine.cpus));
  const auto count = machine.Sysctl("nf_conntrack_count");
  if (count) {
    const auto limit = machine.Sysctl("nf_conntrack_max").value_or(0);
    text += Row("table", std::to_string(*count) + " entries of " + std::to_string(limit) +
                             (limit == 0 ? "" : " (" + Share(*count, limit) + ")") + ", " +
                             Known(machine.Sysctl("nf_conntrack_buckets")) + " buckets");
  }
  return text + Row("peak", PeakWords(machine, advice));
}

std::string FlowLines(const Machine& machine) {
  if (!machine.flows || machine.flows->flows == 0) return "";
  const auto& flows = *machine.flows;
  auto text = "\nWhat fills the table (" + std::to_string(flows.flows) + " flows, " +
              std::to_string(flows.source_translated) + " with source NAT)\n";
  const auto line = [&](const std::string& name, std::uint64_t count, const std::string& remark) {
    text += "  " + PadRight(name, kLabel) + PadLeft(std::to_string(count), kNumber) +
            PadLeft(Share(count, flows.flows), kSmallNumber) + remark + "\n";
  };
  for (std::size_t i = 0; i < std::min(kStates, flows.states.size()); ++i) {
    const auto& state = flows.states[i];
    line(state.protocol + " " + state.state, state.flows, "");
  }
  for (const auto& service : flows.services) {
    line("service " + ToString(service.target), service.flows,
         service.translated == 0
             ? ""
             : "  " + std::to_string(service.translated) + " use NAT: they need tracking");
  }
  return text;
}

std::string SettingLines(const SizingAdvice& advice) {
  const auto change = [](const SettingAdvice& setting) {
    return Known(setting.now) + " -> " + std::to_string(setting.advised) + ": " + setting.reason;
  };
  const auto& bases = advice.bases;
  auto text = "\nRecommended settings\n" +
              Row("profile", std::string(RangeOf(advice.profile.profile).name) + ": " +
                                 advice.profile.reason) +
              Row("limits by rule", "by memory " + Known(bases.memory) + ", by peak " +
                                        std::to_string(bases.peak) + ", by profile " +
                                        std::to_string(bases.profile) + ", by kube-proxy " +
                                        Known(bases.kube_proxy)) +
              Row("nf_conntrack_max", change(advice.limit)) +
              Row("nf_conntrack_buckets", change(advice.buckets));
  for (const auto& of : advice.extensions) {
    text += Row(std::string(of.sysctl),
                of.exists ? Known(of.now) + " -> 1: " + of.price : "this kernel does not have it");
  }
  if (advice.memory) {
    const auto& memory = *advice.memory;
    text += Row(
        "memory when full",
        Bytes(memory.entries_bytes + memory.table_bytes) + ": entries " +
            Bytes(memory.entries_bytes) + " (" + std::to_string(memory.entry_bytes) +
            " bytes each, " + std::string(memory.source) + "), hash table " +
            Bytes(memory.table_bytes) +
            (memory.share ? "; " + RoundedPercent(*memory.share) + " of the host's memory" : ""));
  }
  return text;
}

std::string TimeoutLines(const SizingAdvice& advice) {
  std::string text =
      "\nTimeouts in seconds: a starting point for busy servers, and the risk of lower values\n";
  for (const auto& timeout : advice.timeouts) {
    const auto now = timeout.exists ? Known(timeout.now) : "none";
    text += Wrap(std::string(timeout.rule.risk), kLineWidth,
                 "  " + PadRight(timeout.rule.sysctl, kTimeoutName) + PadLeft(now, kSmallNumber) +
                     " -> " + PadRight(std::to_string(timeout.advised), kSmallNumber));
  }
  return text;
}

std::string List(const std::string& title, const std::vector<std::string>& items) {
  if (items.empty()) return "";
  auto text = "\n" + title + "\n";
  for (const auto& item : items) text += Wrap(item, kLineWidth, "  - ");
  return text;
}

std::string ServiceLines(const SizingAdvice& advice) {
  std::vector<std::string> items;
  for (const auto& target : advice.notrack) {
    items.push_back(ToString(target) + ": rules are active in the NOTRACK files");
  }
  for (const auto& [target, flows, translated] : advice.proposals) {
    items.push_back(ToString(target) + ": " + std::to_string(flows) +
                    " flows; a comment in the NOTRACK files, active with --notrack " +
                    ToString(target));
  }
  return List("Candidates for NOTRACK", items);
}

/// Groups files by reason.
std::string FileLines(const Machine& machine, const SizingAdvice& advice) {
  std::vector<std::pair<std::string, std::string>> reasons;  // and their files
  for (const auto& file : AdviceFiles()) {
    const auto why = WhyWithoutEffect(file, machine, advice);
    // A host without Kubernetes needs no note that kube-proxy is missing.
    if (!why || (file.format == Format::kKubernetes && !machine.place.kubernetes)) continue;
    const auto reason = why->message + ". Instead: " + why->remedy;
    if (reasons.empty() || reasons.back().first != reason) reasons.emplace_back(reason, "");
    auto& names = reasons.back().second;
    names += (names.empty() ? "" : ", ") + std::string(file.name);
  }
  std::vector<std::string> items;
  items.reserve(reasons.size());
  for (auto& [reason, names] : reasons) items.push_back(names.append(": ").append(reason));
  return List("Files left out: they would have no effect here", items);
}

std::string MissingLines(const Machine& machine) {
  std::vector<std::string> items;
  for (const auto& [part, reason] : machine.missing) {
    items.push_back(part + ": " + reason.message +
                    (reason.remedy.empty() ? "" : ". Remedy: " + reason.remedy));
  }
  return List("Unknown", items);
}

}  // namespace

std::string RenderText(const Machine& machine, const SizingAdvice& advice) {
  return MachineLines(machine, advice) + FlowLines(machine) + SettingLines(advice) +
         TimeoutLines(advice) + ServiceLines(advice) + List("Warnings", advice.warnings) +
         FileLines(machine, advice) + List("Notes", advice.notes) + MissingLines(machine);
}

}  // namespace conntrack::exporter::advise
