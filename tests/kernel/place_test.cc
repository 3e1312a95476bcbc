#include "kernel/place.h"

#include <gmock/gmock.h>
#include <stdlib.h>

#include "tests/support/host_tree.h"

namespace conntrack::kernel {
namespace {

constexpr const char* kMounts =
    "22 27 0:21 / /proc rw,relatime - proc proc rw\n"
    "30 22 0:21 /sys /proc/sys ro,nosuid - proc proc rw\n"
    "27 1 254:0 / / rw,relatime shared:1 - ext4 /dev/vda rw,discard\n";

/// A host whose processes are seen, in the network namespace of which we are.
class PlaceTest : public testing::Test {
 protected:
  PlaceTest() {
    ::unsetenv("KUBERNETES_SERVICE_HOST");  // where the tests run in a pod
    host_.Proc("2/comm", "kthreadd\n").Proc("1/comm", "systemd\n");
    host_.Proc("1/mountinfo", "27 1 254:0 / / rw - ext4 /dev/vda rw\n");
    host_.Proc("self/mountinfo", "90 1 254:0 / / rw - ext4 /dev/vda rw\n");
    Link("1/ns/net", "net:[1]");
    Link("self/ns/net", "net:[1]");
    Link("self/ns/user", "user:[4026531837]");
    Link("self/ns/pid", "pid:[4026531836]");
  }

  void Link(const std::string& path, const std::string& target) {
    const auto full = host_.proc().root() / path;
    std::filesystem::create_directories(full.parent_path());
    std::filesystem::remove(full);
    std::filesystem::create_symlink(target, full);
  }

  /// As in a container without the host's PID namespace.
  void HideHost() {
    host_.Proc("2/comm", "sleep\n");
    Link("self/ns/pid", "pid:[4026532000]");
  }

  void Process(int id, const std::string& name, const std::string& command_line) {
    host_.Proc(std::to_string(id) + "/comm", name + "\n");
    host_.Proc(std::to_string(id) + "/cmdline", command_line);
  }

  Place Read() const { return ReadPlace(host_.root(), host_.proc()); }

  test::HostTree host_;
};

TEST_F(PlaceTest, OnTheHost) {
  const auto place = Read();
  EXPECT_EQ(place.container_sign, "");
  EXPECT_EQ(place.system_container, "");
  EXPECT_EQ(place.boot_network_namespace, true);
  EXPECT_EQ(place.user_namespace, false);
  EXPECT_EQ(place.proc_sys_read_only, false);
  EXPECT_FALSE(place.host_proc_mounted_elsewhere);
  EXPECT_FALSE(place.kubernetes);
}

TEST_F(PlaceTest, WithoutProcNothingIsKnown) {
  const auto place = ReadPlace(host_.root(), KernelFiles("/nowhere"));
  EXPECT_EQ(place.container_sign, "");
  EXPECT_EQ(place.boot_network_namespace, std::nullopt);
  EXPECT_EQ(place.user_namespace, std::nullopt);
  EXPECT_EQ(place.proc_sys_read_only, std::nullopt);
}

TEST_F(PlaceTest, AFileThatDockerLeftOnAHostShowsNothing) {
  host_.Proc("self/root/.dockerenv", "");
  EXPECT_FALSE(Read().container());
}

TEST_F(PlaceTest, AContainerThatSeesTheHostsProcessesHasAnotherRoot) {
  host_.Proc("self/mountinfo", "90 1 0:50 / / rw - overlay overlay rw\n");
  EXPECT_TRUE(Read().container());
}

TEST_F(PlaceTest, ContainersWithProcessesOfTheirOwn) {
  HideHost();
  EXPECT_EQ(Read().container_sign, "a PID namespace of its own");
  host_.Proc("self/cgroup", "0::/docker/" + std::string(64, 'a') + "\n");
  EXPECT_EQ(Read().container_sign, "/proc/self/cgroup");
  host_.Proc("self/root/.dockerenv", "");
  EXPECT_EQ(Read().container_sign, "/.dockerenv");
  EXPECT_EQ(Read().system_container, "");
}

TEST_F(PlaceTest, SystemContainersNameThemselves) {
  HideHost();
  host_.Proc("1/environ", std::string("TERM=linux\0container=lxc\0", 25));
  EXPECT_EQ(Read().container_sign, "container=lxc");
  EXPECT_EQ(Read().system_container, "lxc");
  host_.Proc("self/root/run/systemd/container", "podman\n");
  EXPECT_EQ(Read().container_sign, "container=podman");
  EXPECT_EQ(Read().system_container, "");
}

TEST_F(PlaceTest, OpenVzHasProcVzAndHostsOfItMore) {
  HideHost();
  host_.Proc("vz/veinfo", "");
  EXPECT_EQ(Read().system_container, "openvz");
  host_.Proc("bc/0", "");
  EXPECT_EQ(Read().system_container, "");
}

TEST_F(PlaceTest, ProcessOneOfAContainerSaysNothingOfTheHostsNetwork) {
  HideHost();
  EXPECT_EQ(Read().boot_network_namespace, std::nullopt);
  host_.Runs("nf_conntrack_max", "1");
  EXPECT_EQ(Read().boot_network_namespace, false);
  host_.Proc("sys/net/nf_conntrack_max", "1\n");
  EXPECT_EQ(Read().boot_network_namespace, true);
}

TEST_F(PlaceTest, HostsProcDoesNotShowTheHostsNetwork) {
  Link("self/ns/net", "net:[2]");
  EXPECT_EQ(Read().boot_network_namespace, false);
  EXPECT_TRUE(Read().host_proc_mounted_elsewhere);
  HideHost();
  EXPECT_FALSE(Read().host_proc_mounted_elsewhere);
}

TEST_F(PlaceTest, UserNamespace) {
  Link("self/ns/user", "user:[4026532222]");
  EXPECT_EQ(Read().user_namespace, true);
}

TEST_F(PlaceTest, SysctlsThatAreMountedReadOnly) {
  host_.Proc("self/mountinfo", kMounts);
  EXPECT_EQ(Read().proc_sys_read_only, true);
}

TEST(FindMountTest, TheDeepestAndLatestCounts) {
  EXPECT_EQ(FindMount(kMounts, "/"), (MountOf{"254:0 /", false}));
  EXPECT_EQ(FindMount(kMounts, "/procx"), (MountOf{"254:0 /", false}));
  EXPECT_EQ(FindMount(kMounts, "/proc/1"), (MountOf{"0:21 /", false}));
  EXPECT_EQ(FindMount(kMounts, "/proc/sys/net"), (MountOf{"0:21 /sys", true}));
  const auto covered = std::string(kMounts) + "31 30 0:21 /sys /proc/sys rw - proc proc rw\n";
  EXPECT_EQ(FindMount(covered, "/proc/sys"), (MountOf{"0:21 /sys", false}));
  EXPECT_EQ(FindMount("", "/"), std::nullopt);
}

TEST_F(PlaceTest, NodeByItsProcesses) {
  Process(50, "kubelet", "/usr/bin/kubelet");
  Process(60, "kube-proxy", std::string("kube-proxy\0--proxy-mode=nftables\0", 33));
  const auto kubernetes = Read().kubernetes.value();
  EXPECT_EQ(kubernetes.sign, "process kubelet");
  EXPECT_TRUE(kubernetes.kubelet);
  EXPECT_FALSE(kubernetes.in_pod);
  EXPECT_FALSE(kubernetes.cilium);
  EXPECT_EQ(kubernetes.kube_proxy, KubeProxyMode::kNftables);
}

TEST_F(PlaceTest, NodeWithoutKubeProxy) {
  Process(50, "kubelet", "/usr/bin/kubelet");
  Process(60, "cilium-agent", "cilium-agent");
  const auto kubernetes = Read().kubernetes.value();
  EXPECT_TRUE(kubernetes.cilium);
  EXPECT_EQ(kubernetes.kube_proxy, KubeProxyMode::kNone);
}

TEST_F(PlaceTest, DistributionsByProcess) {
  Process(50, "k3s-agent", "k3s agent");
  const auto kubernetes = Read().kubernetes.value();
  EXPECT_EQ(kubernetes.distribution, "k3s");
  EXPECT_EQ(kubernetes.kube_proxy, KubeProxyMode::kUnknown);
}

TEST_F(PlaceTest, NodeByItsFilesWhereProcessesAreHidden) {
  HideHost();
  host_.File("/etc/kubernetes/kubelet.conf", "");
  auto kubernetes = Read().kubernetes.value();
  EXPECT_EQ(kubernetes.sign, "/etc/kubernetes/kubelet.conf");
  EXPECT_TRUE(kubernetes.kubelet);
  EXPECT_EQ(kubernetes.kube_proxy, KubeProxyMode::kUnknown);
  host_.File("/etc/eks/bootstrap.sh", "").File("/etc/cni/net.d/05-cilium.conflist", "");
  kubernetes = Read().kubernetes.value();
  EXPECT_EQ(kubernetes.distribution, "EKS");
  EXPECT_TRUE(kubernetes.cilium);
}

TEST_F(PlaceTest, FilesOfAKubeletThatDoesNotRun) {
  host_.File("/usr/bin/kubelet", "");
  const auto kubernetes = Read().kubernetes.value();
  EXPECT_EQ(kubernetes.sign, "/usr/bin/kubelet");
  EXPECT_FALSE(kubernetes.kubelet);
}

TEST_F(PlaceTest, PodByItsEnvironment) {
  HideHost();
  ::setenv("KUBERNETES_SERVICE_HOST", "10.96.0.1", 1);
  const auto place = Read();
  ::unsetenv("KUBERNETES_SERVICE_HOST");
  EXPECT_EQ(place.container_sign, "KUBERNETES_SERVICE_HOST");
  EXPECT_EQ(place.kubernetes.value().sign, "KUBERNETES_SERVICE_HOST");
}

TEST_F(PlaceTest, PodByItsCgroup) {
  HideHost();
  host_.Proc("self/cgroup",
             "0::/kubepods.slice/kubepods-pod0d1f4f4a_8c1c_4d6e_9f3a_0123456789ab.slice/"
             "cri-containerd-" +
                 std::string(64, 'a') + ".scope\n");
  const auto place = Read();
  EXPECT_TRUE(place.container());
  EXPECT_TRUE(place.kubernetes.value().in_pod);
  EXPECT_TRUE(place.kubernetes.value().kubelet);
}

}  // namespace
}  // namespace conntrack::kernel
