// What the rules have other than they are shipped, where the laboratory lives faster than the world: an alert that lingers for an
// hour, and a loss that is remembered for longer than that, would make the drill wait for a minute each time.
local minute = 60;
local shortened(settings) = {
  [name]: if std.isObject(settings[name]) then shortened(settings[name])
  else if name == 'lingers' && settings[name] > 10 * minute then 2 * minute
  else settings[name]
  for name in std.objectFields(settings)
};

{
  _config+:: {
    lossMemory: 15 * minute,
    alerts: shortened(super.alerts) {
      // Lines in the window of the rates, which is shorter, while the kernel writes as many a second as ever.
      ConntrackKernelLogTableFull+: { repeating+: { above: 1 } },
    },
  },
}
