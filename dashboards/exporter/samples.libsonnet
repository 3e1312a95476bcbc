// Walks of the table, events and the kernel log: whether anything is missing in them.
function(kit) (
  local queries = kit.queries, needs = kit.needs, old = kit.alerts.ConntrackFlowsSampleOld;
  local sample(name) = queries.series('conntrack_flows_sample_' + name);
  local grown(metric) = 'sum(%s)' % queries.increase(metric);
  // A line for each machine and kind is more than a legend holds.
  local together = ' All machines together: choose an instance above for its own.';

  kit.row('Samples, events and log', [
    kit.line(8, [
      kit.timeseries(
        'Duration of a walk',
        'Time that a walk of the whole table takes. Walks are held within a share of one CPU: the longer they take, the rarer ' +
        'they are.',
        's',
        [kit.over(sample('duration_seconds'), kit.legend)],
        needs.flows
      ),
      kit.timeseries(
        'Age of the sample',
        'Time since the last walk was complete. It grows with the size of the table; raise --collector.flows.cpu-share where ' +
        'that is too old.',
        's',
        [kit.over(sample('age_seconds'), kit.legend)],
        needs.flows,
        ['ConntrackFlowsSampleOld']
      ) + kit.coloured(kit.thresholds.above([old], field='olderThan'), drawn=true),
      kit.timeseries(
        'Flows of a walk, of all entries',
        'Flows that the walk saw as a share of the count of entries. Somewhat below 100 %: expired entries are counted and not ' +
        'shown. Far below: many entries are expired and not yet removed.',
        'percentunit',
        [kit.over('%s / (%s > 0)' % [sample('flows'), queries.entries], kit.legend)],
        needs.flows
      ),
      kit.timeseries(
        'Walks begun again',
        'Walks that began again because the table was resized (interruptions) or messages were lost (overruns); messages that ' +
        'were skipped; chains and flows that changed while BPF read them (torn), a few where many connections come and go.' +
        together,
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
        'Events lost',
        'The receive buffer was full (overruns) and the kernel lost events; figures of events are too low from then on. Raise ' +
        '--collector.events.buffer-bytes.' + together,
        'short',
        [
          kit.over(grown('conntrack_events_overruns_total'), 'overruns'),
          kit.over(grown('conntrack_events_lost_total'), 'lost'),
          kit.over(grown('conntrack_events_skipped_total'), 'skipped'),
        ],
        needs.events
      ),
      kit.timeseries(
        'Receive buffer for events',
        'As the kernel granted it: twice of what was asked for. Some 1,300 bytes an event.',
        'bytes',
        [kit.over(queries.series('conntrack_events_receive_buffer_bytes'), kit.legend)],
        needs.events
      ),
      kit.timeseries(
        'Kernel log',
        'Records that were overwritten before they were read (lost), and messages that the kernel kept out of its log ' +
        '(suppressed): lines of a full table may be among them.' + together,
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
