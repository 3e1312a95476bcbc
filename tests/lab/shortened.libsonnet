// Overlay of the rules for a laboratory at any speed but 1. With the shipped values the drill would wait for a minute after each
// incident: most alerts linger for an hour, and a loss is remembered for longer.
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
      // A page has to outlast a failed scrape or two, as it does with the shipped values.
      ConntrackTableFull+: { losing+: { lingers: 10 * minute } },
      ConntrackNetnsTableFull+: { losing+: { lingers: 10 * minute } },
      ConntrackChainsTooLong+: { losing+: { lingers: 10 * minute } },
      ConntrackEnaAllowanceExceeded+: { losing+: { lingers: 10 * minute } },
      // The window of the rates is shorter here, but the kernel logs no faster. These two alerts wait for the alert that counts the
      // packets to fire first. The shipped 2 minutes are eight scrapes, but only two here.
      ConntrackKernelLogTableFull+: { repeating+: { above: 1, holds: 5 * minute, lingers: 5 * minute } },
      ConntrackPacketsRefused+: { holds: 5 * minute },
    },
  },
}
