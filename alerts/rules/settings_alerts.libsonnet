// The table is not set up as it should be, or will not be after the next boot.
function(words, config) (
  local series = words.series, lately = words.lately, alerts = config.alerts;
  local changed(what, metric, description) = (
    local setting = alerts.ConntrackLimitChanged;
    words.alert(
      'ConntrackLimitChanged',
      setting,
      words.once('%s\nand changes(%s[%s]) > 0\n' % [lately(series(metric)), series(metric), words.duration(setting.seenFor)]),
      'The size of the connection tracking table was changed.',
      description,
      { what: what }
    )
  );

  words.group('conntrack-settings', [
    changed(
      'limit',
      'conntrack_entries_limit',
      'The limit of {{ $labels.instance }} was changed, to {{ $value | printf "%.0f" }} entries.'
    ),
    changed(
      'buckets',
      'conntrack_hash_buckets',
      'The hash table of {{ $labels.instance }} was changed, to {{ $value | printf "%.0f" }} buckets.'
    ),

    // One alert for a host. While the module is not loaded, no setting can differ.
    words.alert(
      'ConntrackSettingsNotPersistent',
      alerts.ConntrackSettingsNotPersistent,
      words.once(|||
        count without (setting, reason, file, managed_by) (%s)
        unless %s == 0
      ||| % [lately(series('conntrack_setting_drift_info')), lately(series('conntrack_table_present'))]),
      'Settings of connection tracking will not survive the next boot.',
      'The next boot of {{ $labels.instance }} changes {{ $value }} of the settings of connection tracking. `conntrack_exporter report` ' +
      'lists each of them with the file and the reason.'
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
      'The limit of {{ $labels.instance }} should be {{ $value | printf "%.0f" }}, by {{ $labels.basis }}. `conntrack_exporter ' +
      'advise` prints the files for it.'
    ),
  ])
)
