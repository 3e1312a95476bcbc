// Names of pods and services for the addresses of talkers and the uids of network namespaces, from kube-state-metrics. Without
// kube-state-metrics, nothing is recorded. docs/kubernetes.md has the requirements.
function(words, config) (
  local series = words.series;
  local kube(metric, labels='') = (
    local matchers = [part for part in [config.kubeStateMetricsSelector, labels] if part != ''];
    if matchers == [] then metric else '%s{%s}' % [metric, std.join(', ', matchers)]
  );
  // Not `namespace`, `pod` and `service`, because targets have labels of these names.
  local names = 'kube_namespace, kube_pod, kube_service';
  local replaced(expr, label, from) = 'label_replace(%s, "%s", "$1", "%s", "(.+)")' % [expr, label, from];
  // If Prometheus does not honour the labels of kube-state-metrics, they have the prefix `exported_`.
  local named(expr, label, from) = replaced(replaced(expr, label, from), label, 'exported_' + from);
  local lines(text) = std.rstripChars(words.indented(text), '\n');

  local talkers = {
    source_address: series('conntrack_talkers_source_flows'),
    destination_address: series('conntrack_talkers_destination_flows'),
    backend: series('conntrack_talkers_backend_flows'),
  };
  // The series of `metric` whose label `from` has a value that is in the figures. They get that value as `label`. They are selected before
  // label_replace(), because there is one for each pod of the cluster.
  local shown(metric, from, label, figures) = replaced('\n  %s and on (cluster, %s) (\n    %s\n  )\n' % [
    metric,
    from,
    std.join('\n    or ', [replaced(figures[of], from, of) for of in std.objectFields(figures)]),
  ], label, from);
  // Without pods on the host's network, which have the address of their node, and pods that have ended, whose address is free again.
  local pods = |||

    (
    %s
    or
    %s
    )
    unless on (cluster, uid) %s
    unless on (cluster, uid) (%s == 1)
  ||| % [
    shown(kube('kube_pod_info'), 'pod_ip', 'address', talkers),
    shown(kube('kube_pod_ips'), 'ip', 'address', talkers),
    kube('kube_pod_info', 'host_network="true"'),
    kube('kube_pod_status_phase', 'phase=~"Failed|Succeeded"'),
  ];
  local services = shown(kube('kube_service_info'), 'cluster_ip', 'address', talkers);

  // Every series of `figure`, with names if there are any. No series if its cluster has no kube-state-metrics.
  local join(figure, label, names, namesOf) = |||
    %(figure)s
      * on (cluster, %(label)s) group_left (%(names)s)
    %(namesOf)s
    or ignoring (%(names)s)
      %(figure)s and on (cluster) %(pods)s
  ||| % { figure: figure, label: label, names: names, namesOf: lines(namesOf), pods: kube('kube_pod_info') };

  local candidates = 'address:conntrack_kubernetes_names:candidates', unique = 'address:conntrack_kubernetes_names:unique';
  if !config.kubernetesNames then [] else [{
    name: 'conntrack-kubernetes.rules',
    rules: [
      { record: candidates, expr: 'max by (cluster, address, %s) (\n%s)\n' % [names, words.indented('%s\nor\n%s' % [
        named(named(pods, 'kube_namespace', 'namespace'), 'kube_pod', 'pod'),
        named(named(services, 'kube_namespace', 'namespace'), 'kube_service', 'service'),
      ])] },
      // An address of two pods gets no name, rather than a wrong one: two clusters without the label `cluster`, or a pod that is replaced.
      { record: unique, expr: |||
        %(candidates)s
          and on (cluster, address) (count by (cluster, address) (%(candidates)s) == 1)
      ||| % { candidates: candidates } },
    ] + [
      {
        record: 'instance:conntrack_talkers_%s_flows:named' % std.strReplace(label, '_address', ''),
        expr: join(talkers[label], label, names, replaced(unique, label, 'address')),
      }
      for label in std.objectFields(talkers)
    ] + [
      {
        record: 'instance:%s:named' % uid.metric,
        expr: join(figure, uid.label, 'kube_namespace, kube_pod', 'max by (cluster, %s, kube_namespace, kube_pod) (\n%s)' % [
          uid.label,
          words.indented(
            named(named(shown(kube('kube_pod_info'), 'uid', uid.label, { [uid.label]: figure }), 'kube_namespace', 'namespace'), 'kube_pod', 'pod')
          ),
        ]),
      }
      // `label` is the label with the uid of a pod.
      for uid in [{ metric: 'conntrack_netns_entries', label: 'netns' }, { metric: 'conntrack_workload_flows', label: 'pod_uid' }]
      for figure in [series(uid.metric)]
    ],
  }]
)
