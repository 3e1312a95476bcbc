// Counters of the kernel by CPU.
function(kit) (
  local queries = kit.queries, needs = kit.needs;
  local byCpu(name, unit, description, alert) = kit.timeseries(
    name,
    description,
    unit,
    [kit.over(queries.rate('conntrack_stat_%s_total' % name), 'CPU {{cpu}}')],
    needs.stat,
    [alert]
  );
  local skew = 'Loss on one CPU only: all packets come through one queue; spread them with RSS or RPS.';

  kit.row('Per CPU', [kit.line(8, [
    byCpu(
      'drop',
      'pps',
      'Packets dropped: table full, out of memory, refused by TCP tracking, clashes. ' + skew,
      'ConntrackTableFull'
    ),
    byCpu(
      'insert_failed',
      'pps',
      'Packets lost to clashes and long chains; before Linux 5.10 also resolved clashes. A clash is usually two CPUs that handle ' +
      'packets of one connection.',
      'ConntrackClashesLost'
    ),
    byCpu(
      'early_drop',
      'cps',
      'Entries evicted to make room, by the CPU whose packet needed it. These are entries, not packets.',
      'ConntrackEarlyDrops'
    ),
    byCpu(
      'invalid',
      'pps',
      'Packets that could not be tracked. They pass, unless a rule drops them.',
      'ConntrackInvalidPacketsHigh'
    ),
  ])], collapsed=true)
)
