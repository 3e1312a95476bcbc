// How long flows will stay, and which timeout holds them.
function(kit) (
  local queries = kit.queries, needs = kit.needs;
  // Some of the bounds of conntrack_flows_expiring.
  local bounds = [[30, '30 s'], [120, '2 min'], [600, '10 min'], [3600, '1 h'], [86400, '1 day'], [432000, '5 days']];
  local within(i) = queries.series('conntrack_flows_expiring', 'within_seconds="%d"' % bounds[i][0]);
  local band(i) =
    if i == 0 then kit.over(within(0), 'within ' + bounds[0][1])
    else kit.over('%s - ignoring (within_seconds) %s' % [within(i), within(i - 1)], '%s to %s' % [bounds[i - 1][1], bounds[i][1]]);
  local last = std.length(bounds) - 1;
  local beyond = '%s - ignoring (within_seconds) %s' % [queries.series('conntrack_flows_sample_flows'), within(last)];

  // The timeout of a flow is that of its protocol and state. ASSURED flows without one, as with ICMP, have that of REPLIED. Protocols
  // without timeouts have the generic one.
  local machine = queries.machine;
  local state = machine + ', protocol, flow_state';
  local flows(labels='') = '(sum by (%s) (%s) > 0)' % [state, queries.series('conntrack_flows', labels)];
  local all = 'sum by (%s) (%s)' % [machine, queries.series('conntrack_flows')];
  local timeouts(labels='') = queries.series('conntrack_timeout_seconds', labels);
  local timeout = std.join(' or ', [
    '%s and on (%s) %s' % [timeouts(), state, flows()],
    '0 * (%s unless on (%s) %s) + on (%s, protocol) group_left () max by (%s, protocol) (%s)' %
    [flows('flow_state="ASSURED"'), state, timeouts(), machine, machine, timeouts('flow_state="REPLIED"')],
    '0 * (%s unless on (%s, protocol) %s) + on (%s) group_left () max by (%s) (%s)' %
    [flows(), machine, timeouts(), machine, machine, timeouts('protocol="generic"')],
  ]);

  kit.row('Lifetimes', [kit.line(10, [
    kit.timeseries(
      'Remaining lifetime',
      'All flows by the time until they expire if no packet comes, each counted once. A table that is mostly "1 day to 5 ' +
      'days" does not empty by itself after a burst. Shorten the timeout that holds it, on the right.',
      'short',
      [band(i) for i in std.range(0, last)] + [kit.over(beyond, 'over 5 days, or no timeout')],
      needs.flows
    ) + kit.stacked + kit.width(12),
    kit.table(
      'Flows by timeout',
      'Flows by protocol and state, with the timeout that removes them. Shorten a timeout that is long and has many ' +
      'flows. The runbooks say what breaks if a timeout is too short.',
      'short',
      [
        kit.cells('flows', flows()),
        kit.cells('share', '%s / on (%s) group_left () (%s > 0)' % [flows(), machine, all]),
        kit.cells('timeout', 'max by (%s) (%s)' % [state, timeout]),
      ],
      needs.flows,
      [
        { protocol: 'protocol' },
        { flow_state: 'state' },
        { 'Value #timeout': 'timeout' },
        { 'Value #flows': 'flows' },
        { 'Value #share': 'share' },
      ],
      ['ConntrackStateLeak'],
      sort='flows'
    ) + kit.width(12) + kit.override('timeout', { unit: 's' }) + kit.override('share', {
      unit: 'percentunit',
      decimals: 1,
      min: 0,
      max: 1,
      'custom.cellOptions': { type: 'gauge', mode: 'basic' },
      color: { mode: 'fixed', fixedColor: 'blue' },
    }),
  ])])
)
