// Whether the figures themselves are sound.
function(kit) (
  kit.dashboard(
    'conntrack-exporter',
    'Conntrack / Exporter health',
    'Whether the figures of the other dashboards can be believed: collectors, samples, what was lost on the way, what the ' +
    'exporter takes.',
    kit.panels((import 'exporter/strip.libsonnet')(kit), [
      (import 'exporter/collectors.libsonnet')(kit),
      (import 'exporter/samples.libsonnet')(kit),
      (import 'exporter/sources.libsonnet')(kit),
      (import 'exporter/process.libsonnet')(kit),
    ])
  )
)
