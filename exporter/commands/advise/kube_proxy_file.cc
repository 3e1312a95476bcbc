#include "exporter/commands/advise/kube_proxy_file.h"

#include <algorithm>

#include "exporter/commands/advise/wrapped.h"

namespace conntrack::exporter::advise {
namespace {

std::string Seconds(const Advice& advice, std::string_view sysctl) {
  const auto found =
      std::find_if(advice.timeouts.begin(), advice.timeouts.end(),
                   [&](const auto& timeout) { return timeout.rule.sysctl == sysctl; });
  return std::to_string(found->advised) + "s";
}

}  // namespace

std::string KubeProxyFile(const Machine& /*machine*/, const Advice& advice) {
  const auto limit = std::to_string(advice.limit.advised);
  return Comment(
             "What kube-proxy is to be told about connection tracking: merge it into its "
             "configuration, with kubeadm the ConfigMap kube-system/kube-proxy, key config.conf, "
             "then restart its pods. From conntrack_exporter advise.") +
         Comment(
             "kube-proxy writes the limit and these two timeouts at each of its starts, over "
             "whatever sysctl.d says. It raises the buckets to a quarter of the limit only: for "
             "as many buckets as entries, install the sysctl file on the nodes too. It cannot be "
             "done from a pod's securityContext.sysctls, since limit and buckets are no sysctls "
             "of a namespace; where the nodes' own files are out of reach, a privileged "
             "initContainer in a DaemonSet with hostNetwork can write them.") +
         "apiVersion: kubeproxy.config.k8s.io/v1alpha1\n"
         "kind: KubeProxyConfiguration\n"
         "conntrack:\n" +
         Comment(
             "The limit is the larger of min and maxPerCore x cores; with maxPerCore 0 kube-proxy "
             "ignores min and leaves the limit as the node has it.",
             "  ") +
         "  maxPerCore: 1\n  min: " + limit + "\n" +
         "  tcpEstablishedTimeout: " + Seconds(advice, "nf_conntrack_tcp_timeout_established") +
         "\n  tcpCloseWaitTimeout: " + Seconds(advice, "nf_conntrack_tcp_timeout_close_wait") +
         "\n" +
         Comment("The same as flags: --conntrack-max-per-core=1 --conntrack-min=" + limit +
                 " --conntrack-tcp-timeout-established=" +
                 Seconds(advice, "nf_conntrack_tcp_timeout_established") +
                 " --conntrack-tcp-timeout-close-wait=" +
                 Seconds(advice, "nf_conntrack_tcp_timeout_close_wait"));
}

}  // namespace conntrack::exporter::advise
