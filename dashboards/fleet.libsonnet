// All hosts: whether one is in trouble, and which.
function(kit) (
  kit.dashboard(
    'conntrack-fleet',
    'Conntrack / Fleet',
    'All hosts: which of them have problems. Click an instance to open its dashboard.',
    kit.panels((import 'fleet/strip.libsonnet')(kit) + [
      kit.line(14, [(import 'fleet/table.libsonnet')(kit)]),
    ] + (import 'fleet/trends.libsonnet')(kit), [])
  )
)
