// All machines: is one in trouble, and which.
function(kit) (
  kit.dashboard(
    'conntrack-fleet',
    'Conntrack / Fleet',
    'All machines: is one in trouble, and which. A click on an instance leads to its own dashboard.',
    kit.panels((import 'fleet/strip.libsonnet')(kit) + [
      kit.line(14, [(import 'fleet/table.libsonnet')(kit)]),
    ] + (import 'fleet/trends.libsonnet')(kit), [])
  )
)
