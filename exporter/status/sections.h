// The sections of the page, from top to bottom. Each is a pure function of the page.
#pragma once

#include "exporter/status/html.h"
#include "exporter/status/status_page.h"

namespace conntrack::exporter::status {

/// Entries of the limit, and their peak.
[[nodiscard]] Html Usage(const StatusPage& page);

/// The figures about the table as a whole.
[[nodiscard]] Html Tiles(const StatusPage& page);

/// What is wrong, and what to do about it.
[[nodiscard]] Html Diagnosis(const StatusPage& page);

/// States and the timeouts that hold most flows.
[[nodiscard]] Html States(const StatusPage& page);
[[nodiscard]] Html Protocols(const StatusPage& page);
[[nodiscard]] Html Timeouts(const StatusPage& page);

/// Packets lost, by cause.
[[nodiscard]] Html Losses(const StatusPage& page);

/// Sources, destinations, services and classes with the most flows.
[[nodiscard]] Html Talkers(const StatusPage& page);

/// Ports of source NAT.
[[nodiscard]] Html SnatPorts(const StatusPage& page);

/// Settings that a boot changes.
[[nodiscard]] Html Drift(const StatusPage& page);

/// How each collector is.
[[nodiscard]] Html Collectors(const StatusPage& page);

}  // namespace conntrack::exporter::status
