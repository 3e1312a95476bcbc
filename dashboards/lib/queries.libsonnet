// Every expression that more than one panel asks for, once. None needs a recording rule: dashboards work without the rules.
function(config) {
  local queries = self,
  local extra = if config.selector == '' then '' else ', ' + config.selector,

  // The series of a metric on the machines that were chosen. `labels` is 'cause="table_full"'.
  series(metric, labels='')::
    '%s{job=~"$job", instance=~"$instance"%s%s}' % [metric, if labels == '' then '' else ', ' + labels, extra],

  // The increase of a counter, a second or in the interval.
  rate(metric, labels=''):: 'rate(%s[$__rate_interval])' % queries.series(metric, labels),
  increase(metric, labels=''):: 'increase(%s[$__rate_interval])' % queries.series(metric, labels),
  // The same of one of the kernel's counters, over all CPUs.
  counter(name):: 'sum without (cpu) (%s)' % queries.rate('conntrack_stat_%s_total' % name),

  entries:: queries.series('conntrack_entries'),
  limit:: queries.series('conntrack_entries_limit'),
  limited:: '(%s > 0)' % queries.limit,  // 0 is "no limit" before Linux 6.19: no share of that
  utilisation:: '%s / %s' % [queries.entries, queries.limited],
  peakUtilisation:: '%s / %s' % [queries.series('conntrack_entries_peak'), queries.limited],
  // Each entry stands in the hash table twice.
  chain:: '2 * %s / (%s > 0)' % [queries.entries, queries.series('conntrack_hash_buckets')],

  // As instance:conntrack_entries_time_to_limit:seconds of the rules. Absent where the table does not grow.
  timeToFull:: 'clamp_min(%s - %s, 0) / (deriv(%s[%s]) > 0)' % [
    queries.limited,
    queries.entries,
    queries.entries,
    (import '../../alerts/rules/words.libsonnet')(config { speed: 1 }).duration(config.alerts.ConntrackTableFillingUp.growth),
  ],

  // Flows in a state, or with a status bit, over all that is not in `kept`, as a share of the limit.
  shareOfLimit(flows, labels):: 'sum without (%s) (%s) / %s' % [labels, flows, queries.limited],
  hardFull:: queries.shareOfLimit(queries.series('conntrack_flows_with_status', 'status="assured"'), 'family, protocol, status'),
  halfOpenFlows:: queries.series('conntrack_flows', 'protocol="tcp", state=~"SYN_SENT|SYN_SENT2|SYN_RECV"'),
  halfOpen:: queries.shareOfLimit(queries.halfOpenFlows, 'family, protocol, state'),
  // A figure that has a label of its own, as a share of the limit.
  eachOfLimit(flows, labels):: '%s / ignoring (%s) group_left () %s' % [flows, labels, queries.limited],

  // docs/metrics.md, "Loss by cause", says why it is these differences. They are held at 0: the counters are read one after
  // another. Where a cause does not exist on a kernel, or cannot be told, it has no series.
  local drop = queries.counter('drop'),
  local failed = queries.counter('insert_failed'),
  local chains = queries.counter('chain_toolong'),
  local resolved = queries.counter('clash_resolve'),
  local clash = 'clamp_min(%s - (%s or 0 * %s), 0) and %s' % [failed, chains, failed, resolved],
  lost:: {
    table_full: 'clamp_min(%s - (%s), 0)' % [drop, clash],
    chain_too_long: chains,
    unresolved_clash: clash,
    unknown: '%s unless %s' % [drop, resolved],
  },
  // All causes together, which needs no difference.
  lostPackets:: '%s + (%s or 0 * %s)' % [drop, chains, drop],

  alerts(labels=''):: queries.series('ALERTS', 'alertstate="firing", alertname=~"Conntrack.+"' + labels),
  failedCollectors:: '%s == 0' % queries.series('conntrack_scrape_collector_success'),
  buildInfo:: queries.series('conntrack_exporter_build_info'),
  drift:: queries.series('conntrack_setting_drift'),
}
