// Inhibition rules for Alertmanager: one notification for one cause. While one of `sources` fires for a host, `targets` are not sent for
// that host. Alerts that name a cause (a SYN flood, a leak, one source) are sent in addition to the alert on the effect.
local names(list) = 'alertname=~"%s"' % std.join('|', list);
local machine = ['cluster', 'instance'];
local rule(sources, targets, equal=machine) = {
  source_matchers: sources,
  target_matchers: targets,
  equal: equal,  // a label that is missing on both sides is equal
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
  // Warnings of a host that cannot be scraped are based on old values. A remembered loss is still true.
  rule([names([down])], [
    'alertname=~"Conntrack.+"',
    'alertname!~"%s|ConntrackTableFull|ConntrackNetnsTableFull|ConntrackChainsTooLong|ConntrackEnaAllowanceExceeded"' % down,
    'severity!="critical"',
  ]),
  // A page replaces the ticket for the same problem.
  rule(
    ['alertname=~"Conntrack.+"', 'severity="critical"'],
    ['alertname=~"Conntrack.+"', 'severity=~"warning|info"'],
    ['alertname'] + machine + ['address', 'protocol', 'remote_address', 'remote_port', 'ct_zone', 'netns']
  ),
  // While packets are lost, no other alert on the full table is needed. A loss that is over inhibits no page.
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
