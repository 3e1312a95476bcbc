// The kernel's counters by CPU.
function(kit) (
  local queries = kit.queries, needs = kit.needs;
  local byCpu(name, title, unit, description, alert) = kit.timeseries(
    title,
    description,
    unit,
    [kit.over(queries.rate('conntrack_stat_%s_total' % name), 'CPU {{cpu}}')],
    needs.stat,
    [alert]
  );
  local skew = 'Loss on one CPU alone is a queue that all packets come through: spread them (RSS, RPS).';

  kit.row('Per CPU', [kit.line(8, [
    byCpu('drop', 'drop', 'pps', 'Packets dropped: table full, out of memory, refused by TCP tracking, clashes. ' + skew, 'ConntrackTableFull'),
    byCpu(
      'insert_failed',
      'insert_failed',
      'pps',
      'Since Linux 5.10: packets lost to clashes and chains. Before: clashes that were resolved too. Clashes need two CPUs that handle one connection.',
      'ConntrackClashesLost'
    ),
    byCpu('early_drop', 'early_drop', 'cps', 'Entries evicted to make room, by the CPU whose packet needed it. No packets.', 'ConntrackEarlyDrops'),
    byCpu('invalid', 'invalid', 'pps', 'Packets that could not be tracked. They pass, unless a rule drops them.', 'ConntrackInvalidPacketsHigh'),
  ])], collapsed=true)
)
