#include "diagnosis/standing.h"

#include <gmock/gmock.h>

namespace conntrack {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

kernel::Place Host() {
  kernel::Place place;
  place.boot_network_namespace = true;
  place.user_namespace = false;
  place.proc_sys_read_only = false;
  return place;
}

kernel::Place OwnNetwork(const std::string& container = "", const std::string& system = "") {
  auto place = Host();
  place.boot_network_namespace = false;
  place.container_sign = container;
  place.system_container = system;
  return place;
}

kernel::Place Pod(bool host_network) {
  auto place = host_network ? Host() : OwnNetwork();
  place.container_sign = "KUBERNETES_SERVICE_HOST";
  place.proc_sys_read_only = true;
  place.kubernetes.emplace().sign = "/etc/kubernetes/kubelet.conf";
  place.kubernetes->in_pod = true;
  return place;
}

TEST(Standing, OnTheHostNothingStandsInTheWay) {
  EXPECT_EQ(DescribePlace(Host()), "the host");
  EXPECT_FALSE(WhyNotTheHost(Host()).has_value());
  EXPECT_FALSE(WhyNoBootFiles(Host()).has_value());
  EXPECT_EQ(HowNodesAreConfigured(Host()), "");
}

TEST(Standing, WhatIsNotKnownIsNotDecided) {
  EXPECT_EQ(DescribePlace({}), "unknown whether this is the host's network namespace");
  EXPECT_FALSE(WhyNotTheHost({}).has_value());
  EXPECT_FALSE(WhyNoBootFiles({}).has_value());
}

TEST(Standing, ANamespaceThatSomebodyMadeIsNoMistake) {
  const auto place = OwnNetwork();
  EXPECT_EQ(DescribePlace(place), "its own network namespace");
  EXPECT_EQ(WhyNotTheHost(place)->kind, ErrorKind::kAbsent);
  EXPECT_THAT(WhyNoBootFiles(place)->remedy,
              AllOf(HasSubstr("run advise on the host"), HasSubstr("sysctl -w")));
}

TEST(Standing, AContainerWithoutTheHostsNetworkIsToldHowToShareIt) {
  const auto why = WhyNotTheHost(OwnNetwork("/.dockerenv"));
  ASSERT_TRUE(why.has_value());
  EXPECT_EQ(why->kind, ErrorKind::kAbsent);
  EXPECT_THAT(why->message, HasSubstr("not of the host"));
  EXPECT_THAT(why->remedy, HasSubstr("--network host"));
  EXPECT_THAT(WhyNoBootFiles(OwnNetwork("/.dockerenv"))->remedy,
              HasSubstr("--sysctl net.netfilter.NAME=SECONDS"));
}

TEST(Standing, TheHostsProcMountedElsewhereIsAMistake) {
  auto place = OwnNetwork();
  place.host_proc_mounted_elsewhere = true;
  const auto why = WhyNotTheHost(place);
  EXPECT_EQ(why->kind, ErrorKind::kDenied);
  EXPECT_THAT(why->message, HasSubstr("The host's /proc is mounted here"));
}

TEST(Standing, AContainerThatBootsASystemHasItsOwnTableByRight) {
  const auto place = OwnNetwork("container=lxc", "lxc");
  EXPECT_EQ(DescribePlace(place), "its own network namespace (a container of lxc)");
  EXPECT_EQ(WhyNotTheHost(place)->kind, ErrorKind::kAbsent);
  EXPECT_THAT(WhyNoBootFiles(place)->message, HasSubstr("no effect in a container of lxc"));
  EXPECT_THAT(WhyNoBootFiles(place)->remedy, HasSubstr("lxc.sysctl.net.netfilter.NAME"));
}

TEST(Standing, AUserNamespaceCannotWriteBootFilesOfTheHost) {
  auto place = OwnNetwork();
  place.user_namespace = true;
  EXPECT_EQ(DescribePlace(place), "its own network namespace, in a user namespace");
  EXPECT_THAT(WhyNoBootFiles(place)->message, HasSubstr("no effect in this user namespace"));
  auto in_the_hosts_network = Host();
  in_the_hosts_network.user_namespace = true;
  EXPECT_FALSE(WhyNotTheHost(in_the_hosts_network).has_value());
  EXPECT_TRUE(WhyNoBootFiles(in_the_hosts_network).has_value());
}

TEST(Standing, APodIsToldWhatPodsHave) {
  EXPECT_EQ(WhyNotTheHost(Pod(false))->remedy,
            "to see the host's table, run it with hostNetwork: true");
  EXPECT_THAT(WhyNoBootFiles(Pod(false))->remedy, HasSubstr("securityContext.sysctls"));
  EXPECT_FALSE(WhyNotTheHost(Pod(true)).has_value());
  EXPECT_FALSE(WhyNoBootFiles(Pod(true)).has_value());
  EXPECT_EQ(DescribePlace(Pod(true)),
            "a pod in the host's network namespace, /proc/sys read-only; Kubernetes (by "
            "/etc/kubernetes/kubelet.conf), kube-proxy unknown, it may run");
}

TEST(Standing, NamesThePartsOfKubernetes) {
  auto place = Host();
  auto& kubernetes = place.kubernetes.emplace();
  kubernetes.sign = "process kubelet";
  kubernetes.kubelet = true;
  kubernetes.distribution = "EKS";
  for (const auto& [mode, words] :
       {std::pair(kernel::KubeProxyMode::kNone, "no kube-proxy"),
        std::pair(kernel::KubeProxyMode::kIptables, "kube-proxy in iptables mode"),
        std::pair(kernel::KubeProxyMode::kNftables, "kube-proxy in nftables mode"),
        std::pair(kernel::KubeProxyMode::kIpvs, "kube-proxy in IPVS mode"),
        std::pair(kernel::KubeProxyMode::kUnknown, "kube-proxy unknown, it may run")}) {
    kubernetes.kube_proxy = mode;
    EXPECT_EQ(DescribePlace(place),
              "the host; Kubernetes (EKS, by process kubelet), kubelet, " + std::string(words));
  }
  kubernetes.cilium = true;
  EXPECT_THAT(DescribePlace(place), testing::EndsWith(", Cilium"));
  EXPECT_THAT(HowNodesAreConfigured(place), HasSubstr("launch template"));
  kubernetes.distribution = "k3s";
  EXPECT_THAT(HowNodesAreConfigured(place), Not(HasSubstr("launch template")));
}

}  // namespace
}  // namespace conntrack
