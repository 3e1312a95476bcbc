// The table is not set up as it should be, or will not be after the next boot.
function(words, config) (
  local series = words.series, lately = words.lately, alerts = config.alerts;
  local changed(what, metric, description) = (
    local setting = alerts.ConntrackLimitChanged;
    words.alert(
      'ConntrackLimitChanged',
      setting,
      |||
        %(lately)s
        and changes(%(metric)s[%(seenFor)s]) > 0
      ||| % { lately: lately(series(metric)), metric: series(metric), seenFor: words.duration(setting.seenFor) },
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

    local setting = alerts.ConntrackSettingsNotPersistent;
    words.alert(
      'ConntrackSettingsNotPersistent',
      setting,
      '%s > 0\n' % lately(series('conntrack_setting_drift_info')),
      'A setting of connection tracking will not survive the next boot.',
      'The next boot of {{ $labels.instance }} changes {{ $labels.setting }} ({{ $labels.reason }}' +
      '{{ with $labels.file }}, {{ . }}{{ end }}).'
    ),

    local setting = alerts.ConntrackLimitBelowRecommended;
    words.alert(
      'ConntrackLimitBelowRecommended',
      setting,
      |||
        %s
        > ignoring (basis) group_left () (%s > 0)
      ||| % [
        lately(series('conntrack_recommended_entries_limit', 'basis=~"%s"' % setting.bases)),
        lately(series('conntrack_entries_limit')),
      ],
      'The connection tracking table is smaller than recommended.',
      'The limit of {{ $labels.instance }} should be {{ $value | printf "%.0f" }}, by {{ $labels.basis }}. `conntrack_exporter ' +
      'advise` prints the files for it.'
    ),
  ])
)
