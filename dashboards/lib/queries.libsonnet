// Expressions that more than one panel uses. None needs a recording rule: only the names of pods do (node/kubernetes.libsonnet).
function(config) (
  local matching(metric, matchers) =
    '%s{%s}' % [metric, std.join(', ', [part for part in matchers + [config.selector] if part != ''])];
  // The series of a metric on the chosen hosts. `labels` is for example 'cause="table_full"'.
  local series(metric, labels='') = matching(metric, ['cluster=~"$cluster", job=~"$job", instance=~"$instance"', labels]);
  // The labels that identify a host: two clusters may have an instance of the same name. Not every fleet has the label cluster.
  local machine = 'cluster, job, instance';
  // Growth of a counter: a second, and in total.
  local rate(metric, labels='') = 'rate(' + series(metric, labels) + '[$__rate_interval])';
  local increase(metric, labels='') = 'increase(' + series(metric, labels) + '[$__rate_interval])';
  // Rate of a counter of the kernel, over all CPUs.
  local counter(name) = 'sum without (cpu) (' + rate('conntrack_stat_' + name + '_total') + ')';

  local entries = series('conntrack_entries'), limit = series('conntrack_entries_limit');
  local limited = '(' + limit + ' > 0)';  // before Linux 6.19, 0 means no limit: there is no share
  local utilisation = entries + ' / ' + limited;
  local chainLength(part) = series('conntrack_hash_chain_length_' + part);
  local buckets = '(%s > 0)' % chainLength('count');
  local counted = '%s / %s' % [chainLength('sum'), buckets];
  local estimated = '2 * %s / (%s > 0)' % [entries, series('conntrack_hash_buckets')];
  // Flows in a state or with a status bit, summed over `labels`.
  local shareOfLimit(flows, labels) = 'sum without (%s) (%s) / %s' % [labels, flows, limited];

  local halfOpen = series('conntrack_flows', 'protocol="tcp", flow_state=~"SYN_SENT|SYN_SENT2|SYN_RECV"');
  local build = series('conntrack_exporter_build_info');
  // An alert of a host has no job: all jobs that scrape the host share one alert.
  local alerts(labels='') =
    matching('ALERTS', ['cluster=~"$cluster", instance=~"$instance", alertstate="firing", alertname=~"Conntrack.+"', labels]);
  local duration = (import '../../alerts/rules/words.libsonnet')(config { speed: 1 }).duration;

  // docs/metrics.md, "Loss by cause", explains these differences. They are clamped at 0, because the counters are read one after
  // another. A cause has no series if the kernel does not have it, or does not distinguish it.
  local drop = counter('drop'), failed = counter('insert_failed');
  local chains = counter('chain_toolong'), resolved = counter('clash_resolve');
  local clash = 'clamp_min(%s - (%s or 0 * %s), 0) and %s' % [failed, chains, failed, resolved];

  {
    series:: series,
    machine:: machine,
    rate:: rate,
    increase:: increase,
    counter:: counter,

    entries:: entries,
    limit:: limit,
    limited:: limited,
    utilisation:: utilisation,
    peakUtilisation:: series('conntrack_entries_peak') + ' / ' + limited,
    // Counted by a walk of the chains; or a lower bound, because each entry is in the hash table twice. No rate(): these are gauges.
    buckets:: buckets,
    countedChain:: counted,
    estimatedChain:: estimated,
    chain:: '%s or %s' % [counted, estimated],
    // Longer than the last bound, which is 8. The formats write `le` of a bound differently.
    longChains:: '(%s - max without (le) (%s)) / %s' %
                 [chainLength('count'), series('conntrack_hash_chain_length_bucket', 'le!="+Inf"'), buckets],
    // As in ConntrackTableFillingUp, over the longer of its windows. Absent if the table does not grow, or is below the usage at which
    // the alert starts.
    timeToFull:: 'clamp_min(%s - %s, 0) / (deriv(%s[%s]) > 0)' %
                 [limited, entries, entries, duration(config.alerts.ConntrackTableFillingUp.growth)] +
                 ' and %s > %g' % [utilisation, config.alerts.ConntrackTableFillingUp.above],

    // The sum of a gauge without some labels. Series that are 0 in the whole time range are left out of the legend. A series that is
    // above 0 at any time stays complete, so that the stack is complete.
    present(gauge, labels):: 'sum without (%s) (%s) and sum without (%s) (max_over_time(%s[$__range] @ end())) > 0' %
                             [labels, gauge, labels, gauge],
    shareOfLimit:: shareOfLimit,
    // Several values, by `labels`, each as a share of the limit.
    eachOfLimit(figure, labels):: '%s / ignoring (%s) group_left () %s' % [figure, labels, limited],
    hardFull:: shareOfLimit(series('conntrack_flows_with_status', 'status="assured"'), 'family, protocol, status'),
    halfOpen:: shareOfLimit(halfOpen, 'family, protocol, flow_state'),
    halfOpenOfTcp:: 'sum without (family, protocol, flow_state) (%s) / (sum without (family, protocol, flow_state) (%s) > 0)' %
                    [halfOpen, series('conntrack_flows', 'protocol="tcp"')],

    lost:: {
      table_full: 'clamp_min(%s - (%s), 0)' % [drop, clash],
      chain_too_long: chains,
      unresolved_clash: clash,
      unknown: '%s unless %s' % [drop, resolved],
    },
    // All causes together: no difference is needed.
    lostPackets:: '%s + (%s or 0 * %s)' % [drop, chains, drop],

    alerts:: alerts(),
    alertsOf(severity):: alerts('severity' + severity),  // '="critical"'
    // As ConntrackExporterDown, without recorded series: targets that do not answer, if the name of the job matches or the target was
    // an exporter recently. Hosts that another job scrapes do not count.
    silent:: '%s == 0 and on (%s) (%s or max_over_time(%s[%s])) unless on (cluster, instance) %s' % [
      series('up'),
      machine,
      series('up', 'job=~"%s"' % config.jobPattern),
      build,
      duration(config.alerts.ConntrackExporterDown.knownFor),
      build,
    ],
    // Series that all targets have, of exporters only: the variables may select every job.
    ours(expr):: '%s and on (%s) %s' % [expr, machine, build],
    buildInfo:: build,
    failing:: '%s == bool 0' % series('conntrack_scrape_collector_success'),
  }
)
