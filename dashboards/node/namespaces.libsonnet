// The tables of all network namespaces of the host.
function(kit) (
  local queries = kit.queries, none = kit.needs.netns;
  local utilisation = kit.alerts.ConntrackTableUtilisationHigh;
  local steps = kit.thresholds.above([utilisation.high, utilisation.nearlyFull]);
  local shown = 10;
  local counter(name) = queries.rate('conntrack_netns_%s_total' % name);
  local lost = '%s + (%s or 0 * %s)' % [counter('drop'), counter('chain_toolong'), counter('drop')];
  local share = queries.eachOfLimit(queries.series('conntrack_netns_entries', 'netns!="other"'), 'netns');
  local each(expr) = 'sum by (netns) (%s)' % expr;

  kit.row('Network namespaces (needs --collector.netns)', [
    kit.line(9, [
      kit.timeseries(
        'Fullest namespaces',
        'Entries as a share of the limit, of the %d fullest namespaces. The kernel compares each with the limit ' % shown +
        'separately: a container can be full while the host is empty.',
        'percentunit',
        [kit.over('topk(%d, %s)' % [shown, share], '{{netns}}')],
        none,
        ['ConntrackTableUtilisationHigh', 'ConntrackNetnsTableFull']
      ) + kit.ratio + kit.coloured(steps, drawn=true),
      kit.timeseries(
        'Flows by namespace',
        'Flows, without expired entries, of the %d namespaces with the most. Needs flows read by BPF.' % shown,
        'short',
        [kit.over('topk(%d, %s)' % [shown, queries.series('conntrack_netns_flows', 'netns!="other"')], '{{netns}}')],
        kit.needs.netnsFlows
      ),
      kit.timeseries(
        'Packets lost by namespace',
        'Packets of new connections dropped by all causes, of the %d namespaces that lose most.' % shown,
        'pps',
        [kit.over('topk(%d, (%s) > 0)' % [shown, lost], '{{netns}}')],
        'no namespace loses packets, or off: needs --collector.netns',
        ['ConntrackNetnsTableFull']
      ),
      kit.timeseries(
        'Kernel log by namespace',
        'Lines about a full table in the kernel log, by namespace. Needs Linux 6.17 or later, and a readable ' +
        'inode of the namespace.',
        'short',
        [kit.over(
          'sum by (netns, message) (%s * on (%s, inode) group_left (netns) %s)' % [
            queries.increase('conntrack_kernel_log_netns_messages_total'),
            queries.machine,
            queries.series('conntrack_netns_info', 'inode!=""'),
          ],
          '{{netns}} {{message}}'
        )],
        'no line about a namespace with a known name',
        ['ConntrackKernelLogTableFull']
      ),
    ]),
    kit.line(9, [
      kit.timeseries(
        'Flows by namespace, protocol and state',
        'The %d largest combinations. Needs `--collector.netns.composition`, and flows read by BPF.' % shown,
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
        'Kind, usage and loss of each namespace. Entries that are not flows (read by BPF) are expired. "other": ' +
        'namespaces without a line of their own (`--collector.netns.max`).',
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
        'Namespaces found',
        'Network namespaces found on this host.',
        'none',
        queries.series('conntrack_netns_namespaces'),
        none
      ) + kit.coloured(kit.thresholds.neutral) + kit.width(3),
      kit.stat(
        'Unreadable',
        'Namespaces that are missing from all other values here. Run `conntrack_exporter check` on the host for their ' +
        'names and the remedy.',
        'none',
        queries.series('conntrack_netns_unreadable'),
        none
      ) + kit.coloured(kit.thresholds.any('warning')) + kit.width(3),
    ]),
  ], collapsed=true)
)
