// Walks of the table, events and the kernel log, and what is missing in them.
function(kit) (
  local queries = kit.queries, needs = kit.needs, old = kit.alerts.ConntrackFlowsSampleOld;
  local sample(name) = queries.series('conntrack_flows_sample_' + name);
  local grown(metric) = 'sum(%s)' % queries.increase(metric);
  // Lines for each host and kind would be too many.
  local together = ' Sum of the chosen hosts.';

  kit.row('Samples, events and kernel log', [
    kit.line(8, [
      kit.timeseries(
        'Walk duration',
        'Duration of one walk of the whole table. Walks are limited to a share of one CPU: the longer they take, the less ' +
        'often they run.',
        's',
        [kit.over(sample('duration_seconds'), kit.legend)],
        needs.flows
      ),
      kit.timeseries(
        'Sample age',
        'Time since the last complete walk. It grows with the size of the table. If it is too old, raise ' +
        '`--collector.flows.cpu-share`.',
        's',
        [kit.over(sample('age_seconds'), kit.legend)],
        needs.flows,
        ['ConntrackFlowsSampleOld']
      ) + kit.coloured(kit.thresholds.above([old], field='olderThan'), drawn=true),
      kit.timeseries(
        'Flows as a share of entries',
        'Flows in the sample as a share of the entries. Slightly below 100 % is normal, because expired entries are ' +
        'counted but not shown. Far below 100 %, many expired entries are not removed yet, or ' +
        'entries have leaked: run `conntrack_exporter report` on the host.',
        'percentunit',
        [kit.over('%s / (%s > 0)' % [sample('flows'), queries.entries], kit.legend)],
        needs.flows
      ),
      kit.timeseries(
        'Walk restarts and errors',
        'Walks restarted because of a resize (interruptions) or lost messages (overruns); messages that could not be parsed ' +
        '(skipped); chains and flows that changed while BPF read them (torn). A few torn ones are normal if many connections ' +
        'come and go.' + together,
        'short',
        [
          kit.over(grown('conntrack_flows_sample_interruptions_total'), 'interruptions'),
          kit.over(grown('conntrack_flows_sample_overruns_total'), 'overruns'),
          kit.over(grown('conntrack_flows_sample_skipped_total'), 'skipped'),
          kit.over(grown('conntrack_flows_sample_torn_total'), 'torn'),
        ],
        needs.flows
      ),
    ]),
    kit.line(8, [
      kit.timeseries(
        'Events lost over time',
        'The receive buffer was full (overruns), and the kernel dropped events (lost). Event metrics are too low from then on: ' +
        'raise `--collector.events.buffer-bytes`.' + together,
        'short',
        [
          kit.over(grown('conntrack_events_overruns_total'), 'overruns'),
          kit.over(grown('conntrack_events_lost_total'), 'lost'),
          kit.over(grown('conntrack_events_skipped_total'), 'skipped'),
        ],
        needs.events
      ),
      kit.timeseries(
        'Event receive buffer',
        'Size that the kernel granted: twice the requested size. An event takes about 1,300 bytes.',
        'bytes',
        [kit.over(queries.series('conntrack_events_receive_buffer_bytes'), kit.legend)],
        needs.events
      ),
      kit.timeseries(
        'Kernel log losses',
        'Records overwritten before they were read (lost), and messages that the kernel left out of its log (suppressed). ' +
        'Lines about a full table may be among them.' + together,
        'short',
        [
          kit.over(grown('conntrack_kernel_log_lost_records_total'), 'lost'),
          kit.over(grown('conntrack_kernel_log_suppressed_total'), 'suppressed'),
        ],
        needs.kernelLog
      ),
    ]),
  ])
)
