// Whether the values of the other dashboards are reliable.
function(kit) (
  kit.dashboard(
    'conntrack-exporter',
    'Conntrack / Exporter health',
    'Shows whether the other dashboards are reliable: failed collectors, samples, lost events, resources of the exporter.',
    kit.panels((import 'exporter/strip.libsonnet')(kit), [
      (import 'exporter/collectors.libsonnet')(kit),
      (import 'exporter/samples.libsonnet')(kit),
      (import 'exporter/sources.libsonnet')(kit),
      (import 'exporter/process.libsonnet')(kit),
    ])
  )
)
