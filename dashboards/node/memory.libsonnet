// What the table takes of the machine's memory.
function(kit) (
  local queries = kit.queries;
  local none = 'no memory collector: nf_conntrack is not loaded';
  local single(title, description, unit, expr, legend='') = (
    kit.stat(title, description, unit, expr, none, legend=legend) + kit.coloured(kit.thresholds.neutral) + kit.width(4)
  );

  kit.row('Memory', [kit.line(8, [
    kit.timeseries(
      'Memory',
      'Entries of this network namespace and hash table now, and both once the table is full. Extensions (NAT, accounting, ' +
      'helpers) take 128 bytes or more an entry beyond this. Those of the whole host are there where /proc/slabinfo can be read.',
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
      'When full, of the machine',
      'What a full table takes of the memory of the machine. A few per cent are well: the limit can be raised.',
      'percentunit',
      '%s / %s' % [queries.series('conntrack_memory_at_limit_bytes'), queries.series('conntrack_system_memory_bytes')]
    ) + kit.decimals(1),
    single('Size of an entry', 'Of one entry, without extensions.', 'bytes', queries.series('conntrack_entry_size_bytes')),
    single(
      'Source',
      'Where these figures are from: slabinfo is measured and needs root, estimate goes by the release of the kernel.',
      'none',
      queries.series('conntrack_memory_source_info'),
      '{{via}}'
    ) + { options+: { textMode: 'name' } },
  ])], collapsed=true)
)
