// Alerts on settings that changed, that the next boot changes, or that are below the recommendation.
function(words, config) (
  local series = words.series, lately = words.lately, alerts = config.alerts;
  local changed(what, metric, description) = (
    local setting = alerts.ConntrackLimitChanged;
    words.alert(
      'ConntrackLimitChanged',
      setting,
      words.once('%s\nand changes(%s[%s]) > 0\n' % [lately(series(metric)), series(metric), words.duration(setting.seenFor)]),
      'The size of the connection tracking table changed.',
      description,
      { what: what }
    )
  );

  words.group('conntrack-settings', [
    changed(
      'limit',
      'conntrack_entries_limit',
      'The limit of {{ $labels.instance }} is now {{ $value | printf "%.0f" }} entries.'
    ),
    changed(
      'buckets',
      'conntrack_hash_buckets',
      'The hash table of {{ $labels.instance }} now has {{ $value | printf "%.0f" }} buckets.'
    ),

    // One alert for each host. While the module is not loaded, there is no running setting to compare.
    words.alert(
      'ConntrackSettingsNotPersistent',
      alerts.ConntrackSettingsNotPersistent,
      words.once(|||
        count without (setting, reason, file, managed_by) (%s)
        unless %s == 0
      ||| % [lately(series('conntrack_setting_drift_info')), lately(series('conntrack_table_present'))]),
      'Connection tracking settings change at the next boot.',
      'On {{ $labels.instance }}, {{ $value }} settings of connection tracking change at the next boot, or a file sets them without ' +
      'effect.'
    ),

    words.alert(
      'ConntrackLimitBelowRecommended',
      alerts.ConntrackLimitBelowRecommended,
      words.once(|||
        %s
        > ignoring (basis) group_left () (%s > 0)
      ||| % [
        lately(series('conntrack_recommended_entries_limit', 'basis=~"%s"' % alerts.ConntrackLimitBelowRecommended.bases)),
        lately(series('conntrack_entries_limit')),
      ]),
      'The connection tracking table is smaller than recommended.',
      'The limit of {{ $labels.instance }} should be {{ $value | printf "%.0f" }}, by {{ $labels.basis }}.'
    ),
  ])
)
