// Top sources and destinations by names of pods and services. The only row that needs the recording rules: a join with the names reads
// all pods of the cluster.
function(kit) (
  local queries = kit.queries, none = kit.needs.kubernetes, shown = 10;
  local named(figure, labels='') = queries.series('instance:conntrack_%s:named' % figure, labels);
  local now(title, description, figure, label, legend) =
    kit.bargauge(
      title,
      description,
      'percentunit',
      [kit.now('sort_desc(%s)' % queries.eachOfLimit(
        named(figure, label + '!="other"'),
        label + ', kube_namespace, kube_pod, kube_service'
      ), legend)],
      none
    ) + kit.ratio + kit.coloured(kit.thresholds.neutral);
  // `other`, and addresses outside the cluster, have no name.
  local byNamespace(title, description, figure, label) =
    kit.timeseries(
      title,
      description,
      'short',
      [kit.over(
        'label_replace(sum without (%s, kube_pod, kube_service) (%s), "kube_namespace", "no name", "kube_namespace", "")' %
        [label, named(figure)],
        '{{kube_namespace}}'
      )],
      none
    ) + kit.stacked;

  kit.row('Kubernetes names (needs kube-state-metrics)', [
    kit.line(9, [
      now(
        'Top source pods',
        'Sources with the most flows, by pod, as a share of the limit. Sources without a name are outside the cluster, or ' +
        'share the address of a node.',
        'talkers_source_flows',
        'source_address',
        '{{kube_namespace}} {{kube_pod}} {{source_address}}'
      ),
      now(
        'Top destination services and pods',
        'Destinations with the most flows, before translation, as a share of the limit. A service has its cluster ' +
        'address.',
        'talkers_destination_flows',
        'destination_address',
        '{{kube_namespace}} {{kube_service}}{{kube_pod}} {{destination_address}}'
      ),
    ]),
    kit.line(8, [
      byNamespace(
        'Flows by source Kubernetes namespace',
        'Flows of the top sources, by Kubernetes namespace. "no name": all others. The stack is all flows.',
        'talkers_source_flows',
        'source_address'
      ),
      byNamespace(
        'Flows by destination Kubernetes namespace',
        'Flows of the top destinations, by Kubernetes namespace. "no name": all others. The stack is all flows.',
        'talkers_destination_flows',
        'destination_address'
      ),
      kit.timeseries(
        'Fullest tables of pods',
        'Entries in the network namespaces of the %d pods with the most. Each is compared with the limit separately.' % shown,
        'short',
        [kit.over('topk(%d, %s)' % [shown, named('netns_entries', 'kube_pod!=""')], '{{kube_namespace}} {{kube_pod}}')],
        kit.needs.kubernetesNetns
      ),
    ]),
  ], collapsed=true)
)
