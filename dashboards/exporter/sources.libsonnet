// Versions, and the sources of the values of each host.
function(kit) (
  local queries = kit.queries;
  local machine = queries.machine;
  // Three metrics have a label `via`: each gets its own column.
  local source(metric, column, more='') =
    'max by (%s, %s%s) (label_replace(%s, "%s", "$1", "via", "(.*)"))' % [machine, column, more, queries.series(metric), column];

  kit.row('Versions and sources', [kit.line(10, [
    kit.table(
      'Hosts',
      'Version of each exporter, and its sources: ctnetlink has more counters than procfs, slabinfo is measured, BPF also ' +
      'reads the chains. For "why not BPF" see docs/bpf.md. "unknown": kernel counters that this version does not know; ' +
      '"unreadable": network namespaces that are missing from all values.',
      'none',
      [
        kit.cells('build', 'max by (%s, version, revision, compiler, architecture) (%s)' % [machine, queries.buildInfo]),
        kit.cells('statistics', source('conntrack_stat_source_info', 'statistics')),
        kit.cells('memory', source('conntrack_memory_source_info', 'memory')),
        kit.cells('flows', source('conntrack_flows_source_info', 'flows', ', why_not_bpf')),
        kit.cells('unknown', 'max by (%s) (%s)' % [machine, queries.series('conntrack_stat_unknown_columns')]),
        kit.cells('unreadable', 'max by (%s) (%s)' % [machine, queries.series('conntrack_netns_unreadable')]),
      ],
      kit.needs.exporter,
      [
        { instance: 'instance' },
        { cluster: 'cluster' },
        { job: 'job' },
        { version: 'version' },
        { revision: 'revision' },
        { compiler: 'compiler' },
        { architecture: 'architecture' },
        { statistics: 'statistics' },
        { memory: 'memory' },
        { flows: 'flows' },
        { why_not_bpf: 'why not BPF' },
        { 'Value #unknown': 'unknown' },
        { 'Value #unreadable': 'unreadable' },
      ]
    ) + kit.override('instance', { links: [kit.toNode], 'custom.minWidth': 190 }) + std.foldl(
      // In pixels, so that the table fits into 1600.
      function(done, column) done + kit.override(column, { 'custom.width': 105 }),
      ['version', 'revision', 'compiler', 'architecture', 'statistics', 'memory', 'flows', 'why not BPF', 'unknown', 'unreadable'],
      {}
    ),
  ])])
)
