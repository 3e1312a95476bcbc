#include "exporter/commands/advise/module_files.h"

#include "exporter/commands/advise/wrapped.h"

namespace conntrack::exporter::advise {
namespace {

std::string BuiltInNote(const Machine& machine, const std::string& instead) {
  if (machine.module != ModuleState::kBuiltIn) return "";
  return Comment("This kernel has nf_conntrack built in: this file has no effect on it. " +
                 instead);
}

}  // namespace

std::string ModprobeFile(const Machine& machine, const Advice& advice) {
  const auto hashsize = std::to_string(advice.buckets.advised);
  return Comment(
             "Buckets of the connection tracking table. From conntrack_exporter advise; review "
             "it, then install it as /etc/modprobe.d/conntrack.conf.") +
         BuiltInNote(machine,
                     "Put nf_conntrack.hashsize=" + hashsize + " on the kernel's command line.") +
         Comment(
             "Given here, hashsize spares a resize at boot, and before Linux 4.9 it is the only "
             "way. It also makes the limit 8 times as large, " +
             std::to_string(advice.buckets.advised * 8) +
             ", until the file in sysctl.d sets it: install both.") +
         "options nf_conntrack hashsize=" + hashsize + "\n";
}

std::string ModulesLoadFile(const Machine& machine, const Advice& /*advice*/) {
  return Comment(
             "Loads connection tracking at boot, before systemd-sysctl, so that its sysctls "
             "exist by then. From conntrack_exporter advise; review it, then install it as "
             "/etc/modules-load.d/conntrack.conf.") +
         BuiltInNote(machine, "Its sysctls always exist.") + "nf_conntrack\n";
}

std::string UdevFile(const Machine& machine, const Advice& /*advice*/) {
  return Comment(
             "Applies the sysctls of connection tracking when its module is loaded after "
             "systemd-sysctl has run, by the first firewall rule that needs it. From "
             "conntrack_exporter advise; review it, then install it as "
             "/etc/udev/rules.d/90-conntrack.rules.") +
         BuiltInNote(machine, "Its sysctls always exist.") +
         "ACTION==\"add\", SUBSYSTEM==\"module\", KERNEL==\"nf_conntrack\", "
         "RUN+=\"/usr/lib/systemd/systemd-sysctl --prefix=/net/netfilter\"\n";
}

}  // namespace conntrack::exporter::advise
