// Are the figures themselves sound.
function(kit) (
  local queries = kit.queries, thresholds = kit.thresholds, alerts = kit.alerts, needs = kit.needs;

  kit.dashboard(
    'conntrack-exporter',
    'Conntrack / Exporter health',
    'Whether the figures of the other dashboards can be believed: collectors, samples, what was lost on the way.',
    kit.panels([kit.line(4, [
      kit.stat(
        'Collectors that fail',
        'What they measure is missing. `conntrack_exporter check` on the machine says why, and what to do.',
        'none',
        'sum(%s)' % queries.failing,
        'no exporter here',
        ['ConntrackCollectorFailed']
      ) + kit.coloured(thresholds.any(alerts.ConntrackCollectorFailed.severity)),
    ])], [])
  )
)
