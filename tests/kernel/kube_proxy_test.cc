#include "kernel/kube_proxy.h"

#include <gmock/gmock.h>

#include "tests/support/host_tree.h"

namespace conntrack::kernel {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;
using testing::Pair;
using testing::UnorderedElementsAre;

constexpr const char* kConfig = R"(apiVersion: kubeproxy.config.k8s.io/v1alpha1
bindAddress: 0.0.0.0
conntrack:
  maxPerCore: 0   # leave it
  min: null
  # tcpBeLiberal: true
  tcpEstablishedTimeout: "24h0m0s"
  udpTimeout: 0s
iptables:
  min: 7
kind: KubeProxyConfiguration
mode: ""
)";

ProcessSearch Runs(const std::string& name, std::vector<std::string> arguments) {
  return {{{40, name, std::move(arguments)}}, true};
}

class KubeProxyTest : public testing::Test {
 protected:
  KubeProxy Read(const ProcessSearch& processes) const {
    auto proxy = ReadKubeProxy(host_.proc(), processes);
    return proxy ? *std::move(proxy) : KubeProxy{.source = "none"};
  }

  test::HostTree host_;
};

TEST(KubeProxyConfigTest, TwoLevelsByTheNamesOfFlags) {
  EXPECT_THAT(ParseKubeProxyConfig(kConfig).value(),
              UnorderedElementsAre(Pair("conntrack-max-per-core", "0"),
                                   Pair("conntrack-tcp-timeout-established", "24h0m0s"),
                                   Pair("conntrack-udp-timeout", "0s"), Pair("proxy-mode", "")));
}

TEST(KubeProxyConfigTest, WhatIsNotWrittenAsKubeadmDoesIsNotUnderstood) {
  const std::string version = "apiVersion: kubeproxy.config.k8s.io/v1alpha1\n";
  EXPECT_FALSE(ParseKubeProxyConfig(version + "conntrack: {min: 7}\n"));
  EXPECT_FALSE(ParseKubeProxyConfig("{\"apiVersion\": \"kubeproxy.config.k8s.io/v1alpha1\"}"));
  EXPECT_FALSE(ParseKubeProxyConfig("apiVersion: kubeproxy.config.k8s.io/v9\n"));
  EXPECT_THAT(ParseKubeProxyConfig(version + "conntrack: null\n").value(), IsEmpty());
}

TEST_F(KubeProxyTest, NoneRuns) { EXPECT_EQ(Read({}).source, "none"); }

TEST_F(KubeProxyTest, FlagsWithAndWithoutEqualsSign) {
  const auto proxy =
      Read(Runs("kube-proxy", {"/usr/local/bin/kube-proxy", "--v=2", "--conntrack-min", "5",
                               "--conntrack-tcp-be-liberal", "--proxy-mode=ipvs"}));
  EXPECT_THAT(proxy.options, UnorderedElementsAre(Pair("v", "2"), Pair("conntrack-min", "5"),
                                                  Pair("conntrack-tcp-be-liberal", "true"),
                                                  Pair("proxy-mode", "ipvs")));
  EXPECT_EQ(proxy.unknown, "");
}

TEST_F(KubeProxyTest, TheFileOfItsContainerOverridesFlags) {
  host_.Proc("40/root/var/lib/kube-proxy/config.conf", kConfig);
  const auto proxy = Read(Runs("kube-proxy", {"kube-proxy", "--conntrack-min=5",
                                              "--config=/var/lib/kube-proxy/config.conf"}));
  EXPECT_EQ(proxy.source, "/var/lib/kube-proxy/config.conf");
  EXPECT_EQ(proxy.options.count("conntrack-min"), 0U);
  EXPECT_EQ(proxy.options.at("conntrack-max-per-core"), "0");
}

TEST_F(KubeProxyTest, OptionsAreUnknownWhereTheyCannotBeRead) {
  EXPECT_THAT(Read(Runs("kube-proxy", {"kube-proxy", "--config=/gone"})).unknown,
              HasSubstr("cannot be read"));
  EXPECT_THAT(Read(Runs("kube-proxy", {})).unknown, HasSubstr("cannot be read"));
  for (const auto* name : {"k3s-server", "kubelite"}) {
    EXPECT_THAT(Read(Runs(name, {name})).unknown, HasSubstr("flags of its own"));
  }
}

}  // namespace
}  // namespace conntrack::kernel
