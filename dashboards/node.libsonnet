// One host: how full its table is, what fills it, what is lost and why.
function(kit) (
  kit.dashboard(
    'conntrack-node',
    'Conntrack / Node',
    'One host: how full its table is, what fills it, what is lost and why. Choose one instance.',
    kit.panels((import 'node/strip.libsonnet')(kit), [
      (import 'node/utilisation.libsonnet')(kit),
      (import 'node/saturation.libsonnet')(kit),
      (import 'node/errors.libsonnet')(kit),
      (import 'node/composition.libsonnet')(kit),
      (import 'node/lifetimes.libsonnet')(kit),
      (import 'node/zones.libsonnet')(kit),
      (import 'node/talkers.libsonnet')(kit),
      (import 'node/workloads.libsonnet')(kit),
      (import 'node/kubernetes.libsonnet')(kit),
      (import 'node/snat.libsonnet')(kit),
      (import 'node/events.libsonnet')(kit),
      (import 'node/namespaces.libsonnet')(kit),
      (import 'node/hash_table.libsonnet')(kit),
      (import 'node/memory.libsonnet')(kit),
      (import 'node/settings.libsonnet')(kit),
      (import 'node/per_cpu.libsonnet')(kit),
    ]),
    everyInstance=false,
    annotations=kit.nodeAnnotations
  )
)
