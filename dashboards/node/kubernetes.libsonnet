// Who holds the table, by names of pods and services. The one row that needs the recording rules: to join names reads all pods of
// the cluster.
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
  // `other`, and addresses outside of the cluster, have no name.
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

  kit.row('Kubernetes names (off by default: --collector.talkers, --collector.netns; with kube-state-metrics)', [
    kit.line(9, [
      now(
        'Pods that open flows, share of the limit',
        'Sources of the most flows. Those without a name are outside of the cluster, or share the address of a node.',
        'talkers_source_flows',
        'source_address',
        '{{kube_namespace}} {{kube_pod}} {{source_address}}'
      ),
      now(
        'Services and pods that flows go to, share of the limit',
        'Destinations of the most flows, before any translation: services by their cluster address.',
        'talkers_destination_flows',
        'destination_address',
        '{{kube_namespace}} {{kube_service}}{{kube_pod}} {{destination_address}}'
      ),
    ]),
    kit.line(8, [
      byNamespace(
        'Flows by namespace of the source',
        'Of the sources with the most flows. "no name" is all others. The stack is all flows.',
        'talkers_source_flows',
        'source_address'
      ),
      byNamespace(
        'Flows by namespace of the destination',
        'Of the destinations with the most flows. "no name" is all others. The stack is all flows.',
        'talkers_destination_flows',
        'destination_address'
      ),
      kit.timeseries(
        'Entries in tables of pods',
        'Entries in the network namespaces of pods, of the %d fullest.' % shown,
        'short',
        [kit.over('topk(%d, %s)' % [shown, named('netns_entries', 'kube_pod!=""')], '{{kube_namespace}} {{kube_pod}}')],
        kit.needs.kubernetesNetns
      ),
    ]),
  ], collapsed=true)
)
