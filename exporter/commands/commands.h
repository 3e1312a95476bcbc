// The commands of conntrack_exporter. Each yields the exit code of the process; main() makes 1 of 0
// where standard output could not be written.
#pragma once

#include <array>
#include <istream>
#include <memory>
#include <ostream>
#include <string>
#include <string_view>
#include <vector>

#include "collectors/kernel_access.h"
#include "diagnosis/day_history.h"
#include "diagnosis/sizing_advice.h"
#include "exporter/command_line/options.h"
#include "exporter/confinement/confinement_needs.h"
#include "exporter/metrics/reading_scheduler.h"
#include "exporter/process/service_manager.h"

namespace conntrack::exporter {

/// Logs version, collectors, those that are left out with the reason and the remedy, privileges,
/// and whether the figures are not the host's: the first lines of Serve() and Textfile().
void LogStart(const Options& options, const kernel::Place& place);

/// \brief  Serves metrics until SIGTERM or SIGINT, which must be blocked in the calling thread
/// already. Tells `manager` that it is ready, that it is alive as long as no collector hangs, and
/// that it stops. Counters and walks go into `history`; the collectors hand it the entries.
/// Yields: 0 after a signal; 2 for an address that cannot be listened on, or a wrong web
/// configuration.
[[nodiscard]] int Serve(const Options& options, std::vector<NamedCollector> collectors,
                        const KernelAccess& access, const ServiceManager& manager,
                        const std::shared_ptr<DayHistory>& history);

/// \brief  Writes the metrics to a file for node_exporter's textfile collector, or to `out`: once,
/// or repeatedly until SIGTERM or SIGINT, which must be blocked in the calling thread already.
///
/// The text format 0.0.4 without timestamps and without process_*, which node_exporter has of its
/// own. A collector that fails does not keep the others from being written. After a first success,
/// a write that fails is logged and tried again after the interval: a disk may be full for a
/// minute.
/// Yields: 0; 1 if nothing could be written; 2 if a label to add is there already.
[[nodiscard]] int Textfile(const Options& options, std::vector<NamedCollector> collectors,
                           const KernelAccess& access, std::ostream& out);

/// \brief  Prints where the process runs, tries every collector that is on once, and prints what
/// can be read, what cannot, why, and the remedy; then the privileges of the process and which
/// collector uses which capability.
/// Yields: 0 if all collectors that are on can read, or have nothing to read, otherwise 1.
[[nodiscard]] int Check(const Options& options, std::vector<NamedCollector> collectors,
                        std::vector<CollectorUse> uses, const kernel::Place& place,
                        std::ostream& out);

/// The collectors that read what a report reads.
inline constexpr std::array<std::string_view, 5> kReportReads = {"table", "stat", "flows",
                                                                 "persistence", "ena"};

/// \brief  Prints what is going on in the table and what is wrong with it, once, or repeatedly
/// until SIGINT or SIGTERM. Takes some two seconds: recent losses are the difference of two
/// readings.
/// Yields: 0, also with findings and where the kernel does not track; 1 if nothing could be read or
/// written.
[[nodiscard]] int Report(const Options& options, KernelAccess access);

/// \brief  Prints the last hour and the last day of an exporter, from its /history.json or, for
/// "-", from `in`.
/// Yields: 0; 1 if it does not answer or answers with something else; 2 for a wrong URL.
[[nodiscard]] int ReportFrom(const report::ReportOptions& options, std::istream& in,
                             std::ostream& out, std::ostream& err);

/// The collectors that read what an advice reads.
inline constexpr std::array<std::string_view, 2> kAdviseReads = {"table", "flows"};

/// \brief  Reads the machine and prints what to set and why, or writes the files to set it with.
/// Yields: 0; 1 if nothing of the machine can be read or a file cannot be written; 2 if the folder
/// is refused or has such files already.
[[nodiscard]] int Advise(const Options& options, const KernelAccess& access, std::ostream& out,
                         std::ostream& err);

/// The same for a machine that was read before.
[[nodiscard]] int AdviseFor(const Machine& machine, const Options& options, std::ostream& out,
                            std::ostream& err);

/// \brief  Asks the exporter on this machine whether it is healthy, for images without shell and
/// curl. An answer of 401 is healthy too: credentials on the command line of a probe could be read
/// by everyone on the machine.
/// Yields: 0 if healthy, 1 if not, 2 for a wrong URL or listen address.
[[nodiscard]] int Healthcheck(const Options& options, std::ostream& out, std::ostream& err);

}  // namespace conntrack::exporter
