// Everything that an operator may want other than it is shipped: thresholds, durations, severities, where links lead.
// scripts/generate-rules --config FILE lays a file of the same form over this one:
//     { _config+:: { alerts+: { ConntrackSynFlood+: { severity: 'critical' } } } }
local minute = 60, hour = 60 * minute, day = 24 * hour;

{
  _config+:: {
    // Which series to look at, as a label matcher (`cluster="prod"`). Empty: all, for nobody else's names begin with conntrack_.
    selector: '',

    // Labels that tell the machines of one job apart. The rules of the whole fleet sum over them; what is left (job,
    // cluster, namespace, ...) is in their result.
    machineLabels: ['instance', 'node', 'nodename', 'pod', 'container', 'endpoint', 'host_ip'],

    // The jobs that scrape our exporter: a target of such a job is expected even if it never answered. Other jobs are known by
    // what they scraped within the last day.
    jobPattern: '.*conntrack.*',

    // Labels that alerts drop, so that two jobs that scrape one host raise one alert.
    jobLabels: ['job', 'service', 'endpoint'],

    // Where the links in the alerts lead. %s is the alert's name.
    runbookUrl: 'https://github.com/conntrack-exporter/conntrack_exporter/blob/main/alerts/runbooks/%s.md',
    // The dashboards of your Grafana, evaluated by Prometheus for each alert. Empty: no such annotation.
    //     'https://grafana.example.org/d/conntrack-node?var-cluster={{ $labels.cluster }}&var-instance={{ $labels.instance }}'
    dashboardUrl: '',
    fleetDashboardUrl: '',  // 'https://grafana.example.org/d/conntrack-fleet'

    // Divides every duration, ranges of rates included. For laboratories: `make drill` lives an hour in a minute.
    speed: 1,

    rateWindow: 5 * minute,  // of all rates; no shorter than four scrapes
    lastSeen: 5 * minute,  // a gauge counts for so long after its last scrape: one failed scrape does not restart `for`
    // How long a loss is remembered. After an hour without scrapes the counters still tell what was lost in it: the window
    // reaches the last sample before the gap.
    lossMemory: 70 * minute,

    // Alerts that are not wanted at all, by name.
    disabled: [],

    // By alert. `severity`: critical wakes somebody, warning is a ticket, info stays on the dashboard.
    // `above` is where the alert begins, after it `holds` for so long (`for`). Once it fires it stays while the value is above
    // `until`, and then for as long as it `lingers` (`keep_firing_for`): a value that hovers around a threshold is told once.
    alerts: {
      // Shares of the limit. A table that is nearly full and no longer grows loses nothing: a ticket. It is a page if its growth
      // fills it within minutes.
      ConntrackTableUtilisationHigh: {
        // 80 %: the highest that leaves time to act on a weekday. 75 %: a busy table moves by 1 or 2 % between scrapes.
        high: { severity: 'warning', above: 0.80, until: 0.75, holds: 10 * minute, lingers: hour },
        nearlyFull: {
          severity: 'critical',
          above: 0.90,
          until: 0.85,
          within: 15 * minute,  // to log in and to raise the limit
          growth: 5 * minute,  // shorter windows take noise for growth
          recent: 3 * minute,  // with scrapes a minute apart, one of which may fail
          holds: 4 * minute,  // longer than `recent`: a step up to a plateau is no growth
          lingers: hour,
        },
      },
      // The kernel evicts no ASSURED flow. 15 % of room take a burst, and nothing else can make more.
      ConntrackTableHardFull: { severity: 'warning', above: 0.85, until: 0.80, holds: 5 * minute, lingers: hour },
      ConntrackTableFillingUp: {
        severity: 'warning',
        above: 0.50,  // of the limit: an emptier table may grow
        within: hour,
        growth: 30 * minute,  // long enough to see a trend in the waves of normal traffic
        recent: 5 * minute,  // and it still grows
        // Nightly batches and daily waves reach what they reached yesterday. 5 % above it is something else.
        overYesterday: 1.05,
        yesterday: day,
        yesterdayEnds: hour,  // this growth itself is no yardstick
        holds: 10 * minute,  // longer than `recent`: a standby that takes over, or a server that levels off, is no leak
        lingers: hour,
      },

      // Loss. `losing` is a page: packets are lost now, in two scrapes at least. `lost` is a ticket: it is over, or was a burst.
      // 0.2 packets a second are 60 in the rates' window; below that a retransmission hides each of them. Where the events
      // collector counts new flows, it also has to be one in a thousand of these: a second's delay for fewer wakes nobody.
      ConntrackTableFull: {
        losing: { severity: 'critical', above: 0.2, ofNewFlows: 0.001, holds: 0, lingers: 10 * minute },
        lost: { severity: 'warning', above: 100, holds: 0 },
        fullAbove: 0.95,  // the kernel evicts and refuses at the limit, and the count is read four times a second
      },
      ConntrackNetnsTableFull: {
        losing: { severity: 'critical', above: 0.2, holds: 0, lingers: 10 * minute },
        lost: { severity: 'warning', above: 100, holds: 0 },
      },
      ConntrackChainsTooLong: {
        losing: { severity: 'critical', above: 0.2, holds: 0, lingers: 10 * minute },
        lost: { severity: 'warning', above: 100, holds: 0 },
      },
      // Lines. The kernel writes one for each packet up to two a second, so 60 in five minutes are the 0.2 packets a second of the
      // other alerts. Two minutes: ConntrackTableFull or ConntrackNetnsTableFull comes first, and stays longer, where that table is counted.
      ConntrackKernelLogTableFull: {
        repeating: { severity: 'critical', above: 60, holds: 2 * minute, lingers: 5 * minute },
        seen: { severity: 'info', above: 0, holds: 2 * minute },
      },
      ConntrackPacketsLost: { severity: 'info', above: 0, holds: 0 },
      // Two minutes: the count that says whether the table was full may be read a moment after the first drop.
      ConntrackPacketsRefused: { severity: 'warning', above: 100, holds: 2 * minute },
      ConntrackEarlyDrops: { severity: 'warning', above: 0.2, until: 0.1, holds: 2 * minute, lingers: hour },
      // Each one is a DNS answer that takes five seconds: 30 of them in five minutes are felt.
      ConntrackClashesLost: { severity: 'warning', above: 0.1, until: 0.05, holds: 5 * minute, lingers: hour },
      ConntrackHashOverloaded: {
        // Entries. Twice what the kernel's own sizing leads to.
        meanChain: { severity: 'info', above: 4, until: 3.5, holds: 30 * minute, lingers: hour },
        // Of the buckets have a chain of more than eight. With four in the mean chain, evenly spread, 0.02 of them have.
        longChains: { severity: 'info', above: 0.05, until: 0.04, holds: 30 * minute, lingers: hour },
      },
      ConntrackInvalidPacketsHigh: {
        severity: 'info',
        above: 10,  // scans and late packets make some everywhere
        times: 5,  // its own mean
        baseline: day,  // of that long,
        baselineEnds: hour,  // up to so long ago
        holds: 15 * minute,
        lingers: hour,
      },

      // Shares of the limit, again. A tenth half open is far from normal: a handshake takes less than a second. Five minutes: the rate
      // of INVALID packets, which tells asymmetric routing, has its full value after these.
      ConntrackSynFlood: { severity: 'warning', above: 0.10, until: 0.05, ofTcpAbove: 0.50, holds: 5 * minute, lingers: hour },
      // Measured for each flow in SYN_SENT: 1 to 100 INVALID packets if the answers take another path, 0 in a flood. Thresholds of
      // shares as in ConntrackSynFlood.
      ConntrackAsymmetricRouting: { severity: 'warning', invalidPerFlow: 0.5, holds: 2 * minute, lingers: hour },
      ConntrackProtocolFlood: { severity: 'warning', above: 0.20, until: 0.15, holds: 5 * minute, lingers: hour },
      ConntrackStateLeak: {
        severity: 'warning',
        above: 0.20,
        until: 0.15,
        states: 'CLOSE_WAIT|FIN_WAIT|LAST_ACK|CLOSE',  // TIME_WAIT is what many short connections leave
        holds: 15 * minute,
        lingers: hour,
      },
      ConntrackSourceHoldsLargeShare: { severity: 'warning', above: 0.25, until: 0.20, holds: 10 * minute, lingers: hour },
      // Of the ports that are there. With a twentieth left the kernel begins to give up its search for a free one.
      ConntrackSnatPortsRunningOut: {
        high: { severity: 'warning', above: 0.80, until: 0.75, holds: 5 * minute, lingers: hour },
        nearlyExhausted: { severity: 'critical', above: 0.95, until: 0.90, holds: 5 * minute, lingers: 10 * minute },
      },
      // Of the limit of expectations.
      ConntrackExpectationTableFull: { severity: 'warning', above: 0.80, until: 0.70, holds: 5 * minute, lingers: hour },

      ConntrackLimitChanged: { severity: 'info', seenFor: 15 * minute, holds: 0 },
      ConntrackSettingsNotPersistent: { severity: 'warning', holds: 15 * minute, lingers: hour },
      ConntrackLimitBelowRecommended: { severity: 'info', bases: 'peak|profile', holds: hour, lingers: hour },

      ConntrackCollectorFailed: { severity: 'warning', holds: 15 * minute, lingers: 30 * minute },
      ConntrackFlowsSampleOld: { severity: 'warning', olderThan: 5 * minute, holds: 5 * minute, lingers: 30 * minute },
      ConntrackExporterDown: {
        knownFor: day,  // a target that was an exporter within this time, whatever its job is called
        unseen: { severity: 'warning', holds: 5 * minute },  // longer than a reboot's usual minutes
        // Nobody sees a table that was above 80 % of its limit, or lost packets, within the hour before.
        unseenWhileFull: { severity: 'critical', above: 0.80, lastKnown: hour, holds: 5 * minute },
      },
      ConntrackExporterAbsent: { severity: 'warning', knownFor: day, holds: 15 * minute },
    },
  },
}
