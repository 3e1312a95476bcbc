#include "collectors/persistence_collector.h"

#include <string>
#include <utility>

#include "collectors/catalogue_entry.h"
#include "kernel/boot/persistence.h"

namespace conntrack {
namespace {

constexpr const char* kOtherNamespace = "run the exporter in the network namespace of the host";

std::vector<Omission> OmissionsOf(const kernel::PersistenceReport& report) {
  std::vector<Omission> omissions;
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
             "Value of a setting of connection tracking that the boot files (sysctl.d, modprobe.d, "
             "the kernel's command line) set, whether or not in time.");
  auto drift =
      Gauges("conntrack_setting_drift",
             "1 where a setting will not be after the next boot what it is now, or a file sets it "
             "in vain, by the boot files; 0 otherwise.");
  auto info = Gauges(
      "conntrack_setting_drift_info",
      "Why a setting drifts and the line of the boot files that sets it; always 1, absent where "
      "nothing drifts.");
  for (const auto& setting : report.settings) {
    const Label label{"setting", setting.name};
    if (setting.at_boot) {
      persisted.Add({label}, *setting.at_boot);
    }
    if (!setting.judged && !setting.drift) continue;
    drift.Add({label}, setting.drift ? 1.0 : 0.0);
    if (!setting.drift) continue;
    info.Add({label,
              {"reason", std::string(ToString(*setting.drift))},
              {"file", setting.source ? setting.source->ToString() : ""}},
             1);
  }
  std::vector<Family> families;
  for (auto* family : {&persisted, &drift, &info}) {
    if (!family->samples.empty()) families.push_back(std::move(*family));
  }
  return families;
}

}  // namespace

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
      .summary = "settings that a boot will change, with the file and line, and why",
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
      // /etc as a whole: /etc/sysctl.conf is replaced by whoever edits it, and a rule is about the
      // file that was there. NixOS and Guix have links into their stores there.
      .host_files = {"etc", "usr", "lib", "run/sysctl.d", "run/modules-load.d", "run/modprobe.d",
                     "run/udev", "nix/store", "gnu/store", "opt", "var/lib/cloud",
                     "var/snap/microk8s/current/args"},
  };
}

}  // namespace conntrack
