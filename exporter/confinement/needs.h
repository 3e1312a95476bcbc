// What a process still has to do once it is confined.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "exporter/confinement/capability_set.h"

namespace conntrack::exporter::confinement {

/// All that is allowed afterwards, beyond what every run needs.
struct Needs {
  CapabilitySet capabilities;     ///< Kept, of those that are held.
  CapabilitySet until_listening;  ///< Kept until the server listens, in the thread that starts it.

  /// Folders with all below them, and single files. What is not there when the process confines
  /// itself stays forbidden.
  std::vector<std::filesystem::path> read;
  std::vector<std::filesystem::path> write;  ///< Folders in which files and folders are made.

  std::vector<std::uint16_t> listen_ports;  ///< 0: any. Empty: nothing listens.
  bool looks_up_names = false;
  bool runs_bpf = false;  ///< Programs that were loaded before; it loads none.
  /// Enters namespaces and reads the links of other processes: what Landlock never allows.
  bool looks_into_processes = false;
};

}  // namespace conntrack::exporter::confinement
