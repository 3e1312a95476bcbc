// Inhibition rules for Alertmanager: one alert for one cause. While one of `sources` fires for a machine, its `targets` are not
// sent for that machine. Alerts that name a cause (a SYN flood, a leak, one source) stay beside the alert of what they do.
local names(list) = 'alertname=~"%s"' % std.join('|', list);
local rule(sources, targets, more=[]) = {
  source_matchers: sources,
  target_matchers: targets,
  equal: ['cluster', 'job', 'instance'] + more,  // a label that neither has is equal
};
local utilisation = 'ConntrackTableUtilisationHigh', snat = 'ConntrackSnatPortsRunningOut';

[
  // Nothing can be said of a machine that is not seen. One that is seen is not absent.
  rule([names(['ConntrackExporterDown'])], ['alertname=~"Conntrack.+"', 'alertname!="ConntrackExporterDown"']),
  {
    source_matchers: [names(['ConntrackExporterDown'])],
    target_matchers: [names(['ConntrackExporterAbsent'])],
    equal: ['cluster'],
  },
  // Packets are lost: that the table is full needs no other page.
  rule([names(['ConntrackTableFull'])], [names([
    utilisation,
    'ConntrackTableHardFull',
    'ConntrackTableFillingUp',
    'ConntrackEarlyDrops',
    'ConntrackKernelLogTableFull',
    'ConntrackLimitBelowRecommended',
  ])]),
  rule([names(['ConntrackTableHardFull'])], [names([utilisation, 'ConntrackTableFillingUp', 'ConntrackLimitBelowRecommended'])]),
  rule([names([utilisation])], [names(['ConntrackTableFillingUp', 'ConntrackLimitBelowRecommended'])]),
  rule([names([utilisation]), 'severity="critical"'], [names([utilisation]), 'severity="warning"']),
  rule([names(['ConntrackChainsTooLong'])], [names(['ConntrackHashOverloaded'])]),
  rule([names([snat]), 'severity="critical"'],
       [names([snat]), 'severity="warning"'],
       ['address', 'protocol', 'remote_address', 'remote_port', 'zone']),
  // A packet that finds no free port counts as a clash.
  rule([names([snat]), 'severity="critical"'], [names(['ConntrackClashesLost'])]),
  rule([names(['ConntrackCollectorFailed']), 'collector="flows"'], [names(['ConntrackFlowsSampleOld'])]),
]
