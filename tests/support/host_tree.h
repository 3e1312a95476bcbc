// The files of an invented host.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>

#include "kernel/proc/kernel_files.h"
#include "tests/support/temp_tree.h"

namespace conntrack::test {

/// A host with systemd and a kernel 6.1, the /, /proc and /sys of which are folders.
class HostTree {
 public:
  HostTree() {
    File("/usr/lib/systemd/systemd", "");
    File("/etc/sysctl.d/README.sysctl", "net.netfilter.nf_conntrack_max = 1\n");
    tree_.Write("proc/sys/kernel/osrelease", "6.1.0-18-amd64\n");
    tree_.Write("proc/cmdline", "BOOT_IMAGE=/vmlinuz root=/dev/vda1 ro quiet\n");
    tree_.Write("sys/kernel/x", "");
  }

  /// A file of the host, by its path there.
  HostTree& File(std::string_view path, std::string_view text) {
    tree_.Write("root" + std::string(path), text);
    return *this;
  }

  HostTree& Link(std::string_view path, std::string_view target) {
    const auto full = tree_.root() / ("root" + std::string(path));
    std::filesystem::create_directories(full.parent_path());
    std::filesystem::create_symlink(target, full);
    return *this;
  }

  /// A setting that runs.
  HostTree& Runs(std::string_view name, std::string_view value) {
    tree_.Write("proc/sys/net/netfilter/" + std::string(name), std::string(value) + "\n");
    return *this;
  }

  HostTree& Proc(std::string_view path, std::string_view text) {
    tree_.Write("proc/" + std::string(path), text);
    return *this;
  }

  HostTree& Sys(std::string_view path, std::string_view text) {
    tree_.Write("sys/" + std::string(path), text);
    return *this;
  }

  HostTree& BuiltIn() {
    tree_.Write("sys/module/nf_conntrack/parameters/hashsize", "262144\n");
    return *this;
  }

  HostTree& Loadable() {
    BuiltIn();
    tree_.Write("sys/module/nf_conntrack/initstate", "live\n");
    return *this;
  }

  [[nodiscard]] std::filesystem::path path() const { return tree_.root() / "root"; }
  [[nodiscard]] kernel::KernelFiles root() const { return kernel::KernelFiles(path()); }
  [[nodiscard]] kernel::KernelFiles proc() const {
    return kernel::KernelFiles(tree_.root() / "proc");
  }
  [[nodiscard]] kernel::KernelFiles sys() const {
    return kernel::KernelFiles(tree_.root() / "sys");
  }

 private:
  TempTree tree_;
};

}  // namespace conntrack::test
