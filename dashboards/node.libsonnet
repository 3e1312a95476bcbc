// One machine: how full is it, what fills it, what does it lose.
function(kit) (
  kit.dashboard(
    'conntrack-node',
    'Conntrack / Node',
    'One machine: how full its table is, what fills it, and what is lost and why. Choose one instance.',
    kit.panels([(import 'node/strip.libsonnet')(kit)], [
      (import 'node/utilisation.libsonnet')(kit),
      (import 'node/errors.libsonnet')(kit),
    ]),
    everyInstance=false,
    annotations=kit.nodeAnnotations
  )
)
