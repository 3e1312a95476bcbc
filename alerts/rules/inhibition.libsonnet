// Inhibition rules for Alertmanager: one alert for one cause. While one of `sources` fires for a machine, its `targets` are not
// sent for that machine. Alerts that name a cause (a SYN flood, a leak, one source) stay beside the alert of what they do.
local names(list) = 'alertname=~"%s"' % std.join('|', list);
local machine = ['cluster', 'instance'];
local rule(sources, targets, equal=machine) = {
  source_matchers: sources,
  target_matchers: targets,
  equal: equal,  // a label that neither has is equal
};
local utilisation = 'ConntrackTableUtilisationHigh', down = 'ConntrackExporterDown';
local ofAFullTable = names([
  utilisation,
  'ConntrackTableHardFull',
  'ConntrackTableFillingUp',
  'ConntrackEarlyDrops',
  'ConntrackKernelLogTableFull',
  'ConntrackLimitBelowRecommended',
]);

[
  // What is no page says nothing of a machine that is not seen.
  rule([names([down])], ['alertname=~"Conntrack.+"', 'alertname!="%s"' % down, 'severity!="critical"']),
  // A page says all that the ticket of the same thing would.
  rule(
    ['alertname=~"Conntrack.+"', 'severity="critical"'],
    ['alertname=~"Conntrack.+"', 'severity=~"warning|info"'],
    ['alertname'] + machine + ['address', 'protocol', 'remote_address', 'remote_port', 'ct_zone', 'netns']
  ),
  // Packets are lost: that the table is full needs no other alert. A loss that is over holds back no page.
  rule([names(['ConntrackTableFull']), 'severity="critical"'], [ofAFullTable]),
  rule([names(['ConntrackTableFull'])], [ofAFullTable, 'severity!="critical"']),
  rule([names(['ConntrackNetnsTableFull'])], [names(['ConntrackKernelLogTableFull'])]),
  rule([names(['ConntrackTableHardFull'])], [
    names([utilisation, 'ConntrackTableFillingUp', 'ConntrackLimitBelowRecommended']),
    'severity!="critical"',
  ]),
  rule([names([utilisation])], [names(['ConntrackTableFillingUp', 'ConntrackLimitBelowRecommended'])]),
  rule([names(['ConntrackChainsTooLong'])], [names(['ConntrackHashOverloaded'])]),
  // A packet that finds no free port counts as a clash.
  rule([names(['ConntrackSnatPortsRunningOut']), 'severity="critical"'], [names(['ConntrackClashesLost'])]),
  rule([names(['ConntrackCollectorFailed']), 'collector="flows"'], [names(['ConntrackFlowsSampleOld'])]),
]
