// What collectors read the kernel through.
#pragma once

#include <memory>

#include "kernel/bpf/flow_walk_programs.h"
#include "kernel/ethtool.h"
#include "kernel/log/kmsg.h"
#include "kernel/netlink/netlink_socket.h"
#include "kernel/place.h"
#include "kernel/proc/kernel_files.h"
#include "kernel/proc/presence.h"

namespace conntrack {

/// The ways into the kernel, given to every collector. Tests put captured files and built messages
/// in their place.
struct KernelAccess {
  kernel::KernelFiles proc;
  kernel::KernelFiles sys;
  kernel::KernelFiles root;  ///< The file system of the host: /etc, /usr/lib, /run.
  kernel::NetlinkSocketFactory netlink;
  kernel::EventSocketFactory events =
      {};                               ///< The events of ctnetlink. Only for those who hear them.
  kernel::KmsgReaderFactory kmsg = {};  ///< The kernel's log. Only for those who read it.
  /// The programs of the BPF walk, loaded while the process had the privileges for it; or why not.
  Result<std::shared_ptr<kernel::FlowWalkPrograms>> flow_walk =
      Fail(ErrorKind::kHeldBack, "BPF was not asked for", "--collector.flows.source=auto");
  /// Which modules are loaded.
  std::shared_ptr<const kernel::Presence> presence =
      std::make_shared<const kernel::Presence>(proc, sys);
  kernel::Place place = {};  ///< Read before privileges are given up.
  /// Opened before the process confines itself; or why not.
  Result<std::shared_ptr<const kernel::Ethtool>> ethtool =
      Fail(ErrorKind::kAbsent, "no network drivers to ask");
};

}  // namespace conntrack
