// The collectors' access to the kernel.
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

/// The interfaces of the kernel, passed to every collector. Tests replace them with captured files
/// and built messages.
struct KernelAccess {
  kernel::KernelFiles proc;
  kernel::KernelFiles sys;
  kernel::KernelFiles root;  ///< The file system of the host: /etc, /usr/lib, /run.
  kernel::NetlinkSocketFactory netlink;
  kernel::EventSocketFactory events = {};  ///< Events of ctnetlink, for collectors that read them.
  kernel::KmsgReaderFactory kmsg = {};     ///< The kernel log, for collectors that read it.
  /// The programs of the BPF walk, loaded while the process had the privileges; or why there are
  /// none.
  Result<std::shared_ptr<kernel::FlowWalkPrograms>> flow_walk =
      Fail(ErrorKind::kHeldBack, "BPF was not asked for", "--collector.flows.source=auto");
  /// Reports which modules are loaded.
  std::shared_ptr<const kernel::Presence> presence =
      std::make_shared<const kernel::Presence>(proc, sys);
  kernel::Place place = {};  ///< Read before the process drops privileges.
  /// Opened before the process confines itself; or why it could not be opened.
  Result<std::shared_ptr<const kernel::Ethtool>> ethtool =
      Fail(ErrorKind::kAbsent, "no network drivers to ask");
};

}  // namespace conntrack
