// Settings, recommendations, and whether settings survive a reboot.
function(kit) (
  local queries = kit.queries, needs = kit.needs;
  local named(metric, setting) = 'label_replace(%s, "setting", "%s", "", "")' % [queries.series(metric), setting];
  local each(expr) = 'max by (setting) (%s)' % expr;

  kit.row('Settings', [
    kit.line(9, [
      kit.bargauge(
        'Limit and recommendations',
        'Current values and recommended limits: by peak, the minimum that this host has needed; by memory, the maximum ' +
        'that it can hold; by profile, typical for such hosts. Run `conntrack_exporter advise` for the configuration ' +
        'files.',
        'short',
        [
          kit.now(queries.limit, 'current limit'),
          kit.now(queries.series('conntrack_recommended_entries_limit'), 'limit by {{basis}}'),
          kit.now(queries.series('conntrack_hash_buckets'), 'current buckets'),
          kit.now(queries.series('conntrack_recommended_hash_buckets'), 'recommended buckets'),
        ],
        'no sizing collector: /proc/meminfo cannot be read',
        ['ConntrackLimitBelowRecommended', 'ConntrackLimitChanged']
      ) + kit.coloured(kit.thresholds.neutral) + kit.width(8),
      kit.table(
        'Settings after the next boot',
        'Running settings and what the boot files set. A reason means that the next boot changes the setting, ' +
        'or that a file sets it without effect. ' +
        'docs/metrics.md has the remedy for each reason.',
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
        'Time that a flow stays in a state without a packet. MAX_RETRANS and UNACKNOWLEDGED of TCP are not states: they ' +
        'shorten the timeout. ESTABLISHED of TCP is five days by default.',
        's',
        [kit.cells('timeout', queries.series('conntrack_timeout_seconds'))],
        'no timeouts collector: nf_conntrack is not loaded',
        [{ protocol: 'protocol' }, { flow_state: 'state' }, { Value: 'timeout' }],
        sort='timeout'
      ),
      kit.table(
        'Switches',
        'Sysctls of nf_conntrack. With `tcp_loose` 1 the kernel picks up connections in the middle. The events collector ' +
        'needs `events` and `timestamp`.',
        'none',
        [kit.cells('value', queries.series('conntrack_setting'))],
        'no settings collector: nf_conntrack is not loaded',
        [{ name: 'name' }, { Value: 'value' }]
      ),
    ]),
  ], collapsed=true)
)
