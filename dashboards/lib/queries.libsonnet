// Every expression that more than one panel asks for, once. None needs a recording rule: dashboards work without the rules, but for
// the names of pods (node/kubernetes.libsonnet).
function(config) (
  local matching(metric, matchers) =
    '%s{%s}' % [metric, std.join(', ', [part for part in matchers + [config.selector] if part != ''])];
  // The series of a metric on the machines that were chosen. `labels` is 'cause="table_full"'.
  local series(metric, labels='') = matching(metric, ['cluster=~"$cluster", job=~"$job", instance=~"$instance"', labels]);
  // What tells a machine from all others: two clusters may have an instance of the same name. Not every fleet has the label cluster.
  local machine = 'cluster, job, instance';
  // What a counter grew by, a second and in all.
  local rate(metric, labels='') = 'rate(' + series(metric, labels) + '[$__rate_interval])';
  local increase(metric, labels='') = 'increase(' + series(metric, labels) + '[$__rate_interval])';
  // One of the kernel's counters, a second and over all CPUs.
  local counter(name) = 'sum without (cpu) (' + rate('conntrack_stat_' + name + '_total') + ')';

  local entries = series('conntrack_entries'), limit = series('conntrack_entries_limit');
  local limited = '(' + limit + ' > 0)';  // 0 is "no limit" before Linux 6.19: no share of that
  local utilisation = entries + ' / ' + limited;
  local chainLength(part) = series('conntrack_hash_chain_length_' + part);
  local buckets = '(%s > 0)' % chainLength('count');
  local counted = '%s / %s' % [chainLength('sum'), buckets];
  local estimated = '2 * %s / (%s > 0)' % [entries, series('conntrack_hash_buckets')];
  // Flows in a state, or with a status bit, whatever else their `labels` are.
  local shareOfLimit(flows, labels) = 'sum without (%s) (%s) / %s' % [labels, flows, limited];

  local halfOpen = series('conntrack_flows', 'protocol="tcp", flow_state=~"SYN_SENT|SYN_SENT2|SYN_RECV"');
  local build = series('conntrack_exporter_build_info');
  // An alert of a machine has no job: jobs that scrape the same machine have one alert together.
  local alerts(labels='') =
    matching('ALERTS', ['cluster=~"$cluster", instance=~"$instance", alertstate="firing", alertname=~"Conntrack.+"', labels]);
  local duration = (import '../../alerts/rules/words.libsonnet')(config { speed: 1 }).duration;

  // docs/metrics.md, "Loss by cause", says why it is these differences. They are held at 0: the counters are read one after
  // another. Where a cause does not exist on a kernel, or cannot be told, it has no series.
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
    // As a walk of the chains counted it; or from below, since each entry stands in the hash table twice. No rate(): chains are a
    // state and no events.
    buckets:: buckets,
    countedChain:: counted,
    estimatedChain:: estimated,
    chain:: '%s or %s' % [counted, estimated],
    // Beyond the last bound, which is 8: `le` of a bound is not written alike in all formats.
    longChains:: '(%s - max without (le) (%s)) / %s' %
                 [chainLength('count'), series('conntrack_hash_chain_length_bucket', 'le!="+Inf"'), buckets],
    // As ConntrackTableFillingUp asks it of the longer of its windows. Absent where the table does not grow, and where it is so
    // empty that the alert lets it grow as it likes.
    timeToFull:: 'clamp_min(%s - %s, 0) / (deriv(%s[%s]) > 0)' %
                 [limited, entries, entries, duration(config.alerts.ConntrackTableFillingUp.growth)] +
                 ' and %s > %g' % [utilisation, config.alerts.ConntrackTableFillingUp.above],

    // The sum of a gauge without some labels, without what is 0 all the time that is shown: a legend names only what there is.
    // What is above 0 at times stays as a whole, so that a stack misses nothing.
    present(gauge, labels):: 'sum without (%s) (%s) and sum without (%s) (max_over_time(%s[$__range] @ end())) > 0' %
                             [labels, gauge, labels, gauge],
    shareOfLimit:: shareOfLimit,
    // A figure of which there are several, by `labels`, each as a share of the limit.
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
    // All causes together, which needs no difference.
    lostPackets:: '%s + (%s or 0 * %s)' % [drop, chains, drop],

    alerts:: alerts(),
    alertsOf(severity):: alerts('severity' + severity),  // '="critical"'
    // As ConntrackExporterDown, but without recorded series: targets that do not answer, of a job whose name says that they are ours,
    // or that were an exporter lately; but no machine that another job sees.
    silent:: '%s == 0 and on (%s) (%s or max_over_time(%s[%s])) unless on (cluster, instance) %s' % [
      series('up'),
      machine,
      series('up', 'job=~"%s"' % config.jobPattern),
      build,
      duration(config.alerts.ConntrackExporterDown.knownFor),
      build,
    ],
    // Of the series that all targets have, those of our own: the variables may stand for every job.
    ours(expr):: '%s and on (%s) %s' % [expr, machine, build],
    buildInfo:: build,
    failing:: '%s == bool 0' % series('conntrack_scrape_collector_success'),
  }
)
