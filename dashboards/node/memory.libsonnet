// Memory of the table.
function(kit) (
  local queries = kit.queries;
  local none = 'no memory collector: nf_conntrack is not loaded';
  local single(title, description, unit, expr, legend='') = (
    kit.stat(title, description, unit, expr, none, legend=legend) + kit.coloured(kit.thresholds.neutral) + kit.width(4)
  );

  kit.row('Memory', [kit.line(8, [
    kit.timeseries(
      'Table memory',
      'Entries of this namespace and the hash table, now and when the table is full. Extensions (NAT, accounting, ' +
      'helpers) take 128 bytes or more for each entry in addition. "entries of the host" needs a readable /proc/slabinfo ' +
      '(root).',
      'bytes',
      [
        kit.over(queries.series('conntrack_memory_bytes', 'kind="entries", scope="netns"'), 'entries'),
        kit.over(queries.series('conntrack_memory_bytes', 'kind="hash_table"'), 'hash table'),
        kit.over(queries.series('conntrack_memory_bytes', 'kind="entries", scope="host"'), 'entries of the host'),
        kit.over(queries.series('conntrack_memory_at_limit_bytes'), 'when full'),
      ],
      none
    ) + kit.stacked + kit.dashed('entries of the host') + kit.dashed('when full') + kit.width(12),
    single(
      'Share of RAM when full',
      'Memory of a full table as a share of the memory of the host. A few percent are fine: the limit can be raised.',
      'percentunit',
      '%s / %s' % [queries.series('conntrack_memory_at_limit_bytes'), queries.series('conntrack_system_memory_bytes')]
    ) + kit.decimals(1),
    single('Entry size', 'Size of one entry, without extensions.', 'bytes', queries.series('conntrack_entry_size_bytes')),
    single(
      'Source',
      'Source of these values. `slabinfo`: measured, needs root. `estimate`: from the kernel release.',
      'none',
      queries.series('conntrack_memory_source_info'),
      '{{via}}'
    ) + { options+: { textMode: 'name' } },
  ])], collapsed=true)
)
