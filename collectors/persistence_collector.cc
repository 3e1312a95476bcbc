#include "collectors/persistence_collector.h"

#include <algorithm>
#include <map>
#include <string>
#include <utility>

#include "collectors/catalogue_entry.h"

namespace conntrack {
namespace {

constexpr const char* kOtherNamespace = "run the exporter in the network namespace of the host";

std::string RemedyOf(const kernel::BootDoubt& doubt) {
  if (doubt.kind == kernel::kUnknownLoad && !doubt.source.file.empty()) {
    return "echo nf_conntrack > /etc/modules-load.d/conntrack.conf loads it before sysctls are set";
  }
  if (doubt.kind == "unreadable_file") {
    return "give this process read access to " + doubt.source.file + ", below --path.rootfs";
  }
  return "set it in /etc/sysctl.d, or compare after the next boot";
}

std::string WordsOf(const kernel::BootDoubt& doubt) {
  return (doubt.source.file.empty() ? "" : doubt.source.ToString() + ": ") + doubt.reason;
}

std::vector<Omission> OmissionsOf(const kernel::PersistenceReport& report) {
  auto omissions = UnknownDriftOf(report);
  for (const auto& [path, reason] : report.unreadable) {
    omissions.push_back({path, reason});
  }
  for (const auto& setting : report.settings) {
    if (setting.problem.empty()) continue;
    const auto where = setting.source->ToString();
    omissions.push_back(
        {"conntrack_setting_persisted{setting=\"" + setting.name + "\"}",
         Error{ErrorKind::kMalformed, 0, where + ": " + setting.problem, "correct " + where}});
  }
  if (report.boot_namespace) return omissions;
  omissions.push_back(
      {"conntrack_setting_drift of timeouts and switches",
       Error{ErrorKind::kHeldBack, 0,
             "this is not the network namespace that the boot files are for", kOtherNamespace}});
  return omissions;
}

std::vector<Family> FamiliesOf(const kernel::PersistenceReport& report) {
  auto persisted =
      Gauges("conntrack_setting_persisted",
             "Value that boot files (sysctl.d, modprobe.d, the kernel command line) or programs "
             "that start at boot give to a setting, whether or not it takes effect.");
  auto drift = Gauges("conntrack_setting_drift",
                      "1 if the next boot changes a setting, or a file sets it without effect; 0 "
                      "if it survives the next boot. Absent if that is unknown.");
  auto info = Gauges("conntrack_setting_drift_info",
                     "Reason why a setting drifts, and the line that sets it. Always 1; absent if "
                     "nothing drifts.");
  auto unknown = Gauges("conntrack_setting_drift_unknown_info",
                        "Reason why the drift of a setting is unknown, and the file and line that "
                        "may set it. Always 1; absent if it is known.");
  for (const auto& setting : report.settings) {
    const Label label{"setting", setting.name};
    const Label manager{"managed_by", setting.managed_by};
    if (setting.at_boot) {
      persisted.Add({label, manager}, *setting.at_boot);
    }
    if (setting.doubt) {
      unknown.Add({label,
                   {"reason", std::string(setting.doubt->kind)},
                   {"file", setting.doubt->source.ToString()},
                   manager},
                  1);
      continue;
    }
    if (!setting.judged && !setting.drift) continue;
    drift.Add({label}, setting.drift ? 1.0 : 0.0);
    if (!setting.drift) continue;
    info.Add({label,
              {"reason", std::string(ToString(*setting.drift))},
              {"file", setting.source ? setting.source->ToString() : ""},
              manager},
             1);
  }
  std::vector<Family> families;
  for (auto* family : {&persisted, &drift, &info, &unknown}) {
    if (!family->samples.empty()) families.push_back(std::move(*family));
  }
  return families;
}

}  // namespace

std::vector<Omission> UnknownDriftOf(const kernel::PersistenceReport& report) {
  std::vector<std::pair<std::string, Omission>> groups;  // by manager and reason
  std::map<std::string, std::size_t> more;
  for (const auto& setting : report.settings) {
    if (!setting.doubt) continue;
    const auto words =
        (setting.managed_by.empty() ? "" : setting.managed_by + ": ") + WordsOf(*setting.doubt);
    const auto known = std::ranges::find(groups, words, &std::pair<std::string, Omission>::first);
    if (known != groups.end()) {
      ++more[words];
      continue;
    }
    groups.push_back({words,
                      {"conntrack_setting_drift of " + setting.name,
                       Error{ErrorKind::kHeldBack, 0, words, RemedyOf(*setting.doubt)}}});
  }
  std::vector<Omission> omissions;
  for (auto& [words, omission] : groups) {
    if (const auto others = more.find(words); others != more.end()) {
      omission.part += " and " + std::to_string(others->second) + " more";
    }
    omissions.push_back(std::move(omission));
  }
  return omissions;
}

Result<Collection> PersistenceCollector::Collect(const ScrapeContext& /*context*/) {
  auto read = kernel::ReadPersistence(root_, proc_, sys_);
  if (!read) return Fail(std::move(read.error()));
  const auto report = std::make_shared<const kernel::PersistenceReport>(*std::move(read));
  return Collection{FamiliesOf(*report), OmissionsOf(*report), "boot files", {}, report};
}

CatalogueEntry PersistenceEntry() {
  return {
      .name = "persistence",
      .on_by_default = true,
      .summary = "settings that the next boot will change, with file, line and reason",
      .needs = "read access to /etc, /usr/lib, /run of the host (--path.rootfs)",
      .make =
          [](const CollectorInputs& inputs) {
            const auto& access = inputs.access;
            return std::make_unique<PersistenceCollector>(access.root, access.proc, access.sys);
          },
      .max_age = PersistenceCollector::kMaxAge,
      .why_unreadable =
          [](const KernelAccess& access) {
            return kernel::CheckBootFiles(access.root, access.proc);
          },
      // /etc as a whole: editors replace /etc/sysctl.conf, and a Landlock rule applies only to the
      // file that existed. NixOS and Guix have links into their stores there.
      .host_files = {"etc", "usr", "lib", "run/sysctl.d", "run/modules-load.d", "run/modprobe.d",
                     "run/udev", "nix/store", "gnu/store", "opt", "var/lib/cloud"},
  };
}

}  // namespace conntrack
