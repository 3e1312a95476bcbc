// The tables of all network namespaces of the machine.
function(kit) (
  local queries = kit.queries, none = kit.needs.netns;
  local utilisation = kit.alerts.ConntrackTableUtilisationHigh;
  local steps = kit.thresholds.above([utilisation.high, utilisation.nearlyFull]);
  local shown = 10;
  local counter(name) = queries.rate('conntrack_netns_%s_total' % name);
  local lost = '%s + (%s or 0 * %s)' % [counter('drop'), counter('chain_toolong'), counter('drop')];
  local share = queries.eachOfLimit(queries.series('conntrack_netns_entries', 'netns!="other"'), 'netns');
  local each(expr) = 'sum by (netns) (%s)' % expr;

  kit.row('Network namespaces (off by default: --collector.netns)', [
    kit.line(9, [
      kit.timeseries(
        'Fullest namespaces',
        'Entries of a namespace as a share of the limit, of the %d fullest. The kernel compares each with ' % shown +
        'the limit by itself: a container can be full while the host is empty.',
        'percentunit',
        [kit.over('topk(%d, %s)' % [shown, share], '{{netns}}')],
        none,
        ['ConntrackTableUtilisationHigh', 'ConntrackNetnsTableFull']
      ) + kit.ratio + kit.coloured(steps, drawn=true),
      kit.timeseries(
        'Flows by namespace',
        'Flows of a namespace, without entries that are expired, of the %d with the most. Needs flows read by BPF.' % shown,
        'short',
        [kit.over('topk(%d, %s)' % [shown, queries.series('conntrack_netns_flows', 'netns!="other"')], '{{netns}}')],
        kit.needs.netnsFlows
      ),
      kit.timeseries(
        'Packets lost, by namespace',
        'Packets of new connections that were dropped in a namespace, by all causes, of the %d that lose most.' % shown,
        'pps',
        [kit.over('topk(%d, (%s) > 0)' % [shown, lost], '{{netns}}')],
        'no namespace loses packets, or off: --collector.netns',
        ['ConntrackNetnsTableFull']
      ),
      kit.timeseries(
        'Kernel log, by namespace',
        'Lines of a full table in the kernel log, with the name of their namespace. Since Linux 6.17; the inode of the ' +
        'namespace has to be readable.',
        'short',
        [kit.over(
          'sum by (netns, message) (%s * on (%s, inode) group_left (netns) %s)' % [
            queries.increase('conntrack_kernel_log_netns_messages_total'),
            queries.machine,
            queries.series('conntrack_netns_info', 'inode!=""'),
          ],
          '{{netns}} {{message}}'
        )],
        'no such line of a namespace that is known by name',
        ['ConntrackKernelLogTableFull']
      ),
    ]),
    kit.line(9, [
      kit.timeseries(
        'Flows by namespace, protocol and state',
        'The %d largest groups of flows in one state of one protocol in one namespace. Needs flows read by BPF.' % shown,
        'short',
        [kit.over(
          'topk(%d, %s)' % [shown, queries.series('conntrack_netns_flows_by_state', 'netns!="other"')],
          '{{netns}} {{protocol}} {{flow_state}}'
        )],
        kit.needs.netnsComposition
      ),
    ]),
    kit.line(9, [
      kit.table(
        'Namespaces',
        'What each namespace is, how full it is, and what it loses. Entries are more than flows (read by BPF) by those that are ' +
        'expired. "other" is all that have no line of their own (--collector.netns.max).',
        'short',
        [
          kit.cells('entries', each(queries.series('conntrack_netns_entries'))),
          kit.cells('flows', each(queries.series('conntrack_netns_flows'))),
          kit.cells('share', each(share)),
          kit.cells('lost', each(lost)),
          kit.cells('info', 'max by (netns, kind, inode) (%s)' % queries.series('conntrack_netns_info')),
        ],
        none,
        [
          { netns: 'netns' },
          { kind: 'kind' },
          { inode: 'inode' },
          { 'Value #entries': 'entries' },
          { 'Value #flows': 'flows' },
          { 'Value #share': 'share' },
          { 'Value #lost': 'lost' },
        ],
        ['ConntrackTableUtilisationHigh'],
        join='netns',
        sort='entries'
      ) + kit.override('share', {
        unit: 'percentunit',
        decimals: 1,
        min: 0,
        max: 1,
        thresholds: steps,
        'custom.cellOptions': { type: 'gauge', mode: 'gradient' },
      }) + kit.override('netns', { 'custom.width': 280 }) + kit.override('lost', { unit: 'pps' }) + kit.width(18),
      kit.stat(
        'Found',
        'Network namespaces found on this machine.',
        'none',
        queries.series('conntrack_netns_namespaces'),
        none
      ) + kit.coloured(kit.thresholds.neutral) + kit.width(3),
      kit.stat(
        'Unreadable',
        'Namespaces that are in no other figure here. `conntrack_exporter check` names them, with the remedy.',
        'none',
        queries.series('conntrack_netns_unreadable'),
        none
      ) + kit.coloured(kit.thresholds.any('warning')) + kit.width(3),
    ]),
  ], collapsed=true)
)
