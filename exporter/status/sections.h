// The sections of the page, from top to bottom. Each is a pure function of the page.
#pragma once

#include "exporter/status/html.h"
#include "exporter/status/status_page.h"

namespace conntrack::exporter::status {

[[nodiscard]] Html Usage(const StatusPage& page);  ///< Entries, their limit and peak.
[[nodiscard]] Html Tiles(const StatusPage& page);  ///< Figures about the table as a whole.
[[nodiscard]] Html Diagnosis(const StatusPage& page);
[[nodiscard]] Html States(const StatusPage& page);
[[nodiscard]] Html Protocols(const StatusPage& page);
[[nodiscard]] Html Timeouts(const StatusPage& page);   ///< Timeouts with the most flows.
[[nodiscard]] Html Losses(const StatusPage& page);     ///< Packets lost, by cause.
[[nodiscard]] Html Talkers(const StatusPage& page);    ///< Talkers with the most flows.
[[nodiscard]] Html Workloads(const StatusPage& page);  ///< Workloads of this host with flows.
[[nodiscard]] Html SnatPorts(const StatusPage& page);
[[nodiscard]] Html LastDay(const StatusPage& page);     ///< Charts of the last hour and day.
[[nodiscard]] Html Drift(const StatusPage& page);       ///< Settings that a boot changes.
[[nodiscard]] Html Collectors(const StatusPage& page);  ///< State of each collector.

}  // namespace conntrack::exporter::status
