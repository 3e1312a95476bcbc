// Inhibition rules for Alertmanager: one alert for one cause. While one of `sources` fires for a machine, `targets` are not sent
// for it. Alerts that name a cause (a SYN flood, a leak, one source) are sent beside the alert on its effect.
local names(list) = 'alertname=~"%s"' % std.join('|', list);
local machine = ['cluster', 'instance'];
local rule(sources, targets, equal=machine) = {
  source_matchers: sources,
  target_matchers: targets,
  equal: equal,  // a label that both lack is equal
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
  // Warnings of a machine that cannot be scraped rest on old figures. A loss that is remembered stays true.
  rule([names([down])], [
    'alertname=~"Conntrack.+"',
    'alertname!~"%s|ConntrackTableFull|ConntrackNetnsTableFull|ConntrackChainsTooLong|ConntrackEnaAllowanceExceeded"' % down,
    'severity!="critical"',
  ]),
  // A page makes the ticket for the same thing redundant.
  rule(
    ['alertname=~"Conntrack.+"', 'severity="critical"'],
    ['alertname=~"Conntrack.+"', 'severity=~"warning|info"'],
    ['alertname'] + machine + ['address', 'protocol', 'remote_address', 'remote_port', 'ct_zone', 'netns']
  ),
  // Packets are lost: no other alert has to say that the table is full. A loss that is over inhibits no page.
  rule([names(['ConntrackTableFull']), 'severity="critical"'], [ofAFullTable]),
  rule([names(['ConntrackTableFull'])], [ofAFullTable, 'severity!="critical"']),
  rule([names(['ConntrackNetnsTableFull']), 'severity="critical"'], [names(['ConntrackKernelLogTableFull'])]),
  rule([names(['ConntrackNetnsTableFull'])], [names(['ConntrackKernelLogTableFull']), 'severity!="critical"']),
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
