// How the table is set up, how it should be, and whether that lasts.
function(kit) (
  local queries = kit.queries, needs = kit.needs;
  local named(metric, setting) = 'label_replace(%s, "setting", "%s", "", "")' % [queries.series(metric), setting];
  local each(expr) = 'max by (setting) (%s)' % expr;

  kit.row('Settings', [
    kit.line(9, [
      kit.bargauge(
        'Limit and recommendations',
        'The limit in force beside those by different rules: by peak a lower bound (what this machine has needed), by memory ' +
        'an upper bound (what it can carry), by profile what such machines have. `conntrack_exporter advise` prints the files ' +
        'for it.',
        'short',
        [
          kit.now(queries.limit, 'limit in force'),
          kit.now(queries.series('conntrack_recommended_entries_limit'), 'by {{basis}}'),
          kit.now(queries.series('conntrack_hash_buckets'), 'buckets in force'),
          kit.now(queries.series('conntrack_recommended_hash_buckets'), 'buckets recommended'),
        ],
        'no sizing collector: /proc/meminfo cannot be read',
        ['ConntrackLimitBelowRecommended', 'ConntrackLimitChanged']
      ) + kit.coloured(kit.thresholds.neutral) + kit.width(8),
      kit.table(
        'What the next boot sets',
        'What the boot files set, and where that does not come true: a line with a reason is lost or changed by the next boot. ' +
        'The documentation of the metrics has the remedy for each reason.',
        'none',
        [
          kit.cells('boot', each(queries.series('conntrack_setting_persisted'))),
          kit.cells('running', each(std.join(' or ', [
            named('conntrack_entries_limit', 'nf_conntrack_max'),
            named('conntrack_hash_buckets', 'nf_conntrack_buckets'),
            named('conntrack_expectations_limit', 'nf_conntrack_expect_max'),
          ]))),
          kit.cells('drift', 'max by (setting, reason, file, managed_by) (%s)' % queries.series('conntrack_setting_drift_info')),
        ],
        needs.persistence,
        [
          { setting: 'setting' },
          { 'Value #running': 'running' },
          { 'Value #boot': 'boot files' },
          { reason: 'reason' },
          { file: 'file' },
          { managed_by: 'set by' },
        ],
        ['ConntrackSettingsNotPersistent'],
        join='setting'
      ) + kit.width(16),
    ]),
    kit.line(9, [
      kit.table(
        'Timeouts',
        'How long a flow stays in a state without a packet. MAX_RETRANS and UNACKNOWLEDGED of TCP are no states: they cut the ' +
        'timeout short. TCP ESTABLISHED is five days unless somebody changed it.',
        's',
        [kit.cells('timeout', queries.series('conntrack_timeout_seconds'))],
        'no timeouts collector: nf_conntrack is not loaded',
        [{ protocol: 'protocol' }, { flow_state: 'state' }, { Value: 'timeout' }],
        sort='timeout'
      ),
      kit.table(
        'Switches',
        'Settings of nf_conntrack as the sysctls have them. tcp_loose 1 picks up connections in their middle; events and ' +
        'timestamp are what the events collector needs.',
        'none',
        [kit.cells('value', queries.series('conntrack_setting'))],
        'no settings collector: nf_conntrack is not loaded',
        [{ name: 'name' }, { Value: 'value' }]
      ),
    ]),
  ], collapsed=true)
)
