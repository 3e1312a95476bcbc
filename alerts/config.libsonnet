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

    // Where the links in the alerts lead. %s is the alert's name.
    runbookUrl: 'https://github.com/conntrack-exporter/conntrack_exporter/blob/main/alerts/runbooks/%s.md',
    // Evaluated by Prometheus for each alert, so that the link leads to the machine. Empty: no such annotation.
    dashboardUrl: 'http://localhost:3000/d/conntrack-node?var-job={{ $labels.job }}&var-instance={{ $labels.instance }}',
    fleetDashboardUrl: 'http://localhost:3000/d/conntrack-fleet',

    // Divides every duration, ranges of rates included. For laboratories: `make drill` lives an hour in a minute.
    speed: 1,

    rateWindow: 5 * minute,  // of all rates; no shorter than four scrapes
    lastSeen: 5 * minute,  // a gauge counts for so long after its last scrape: one that failed does not begin `for` anew

    // Alerts that are not wanted at all, by name.
    disabled: [],

    // By alert. `severity` is critical (somebody is woken), warning (somebody looks today) or info (for the dashboard).
    // `above` is where it begins, `holds` how long that has to last (`for`), `lingers` how long it stays (`keep_firing_for`).
    alerts: {
      // Shares of the limit.
      ConntrackTableUtilisationHigh: {
        high: { severity: 'warning', above: 0.80, holds: 10 * minute },
        nearlyFull: { severity: 'critical', above: 0.90, holds: 5 * minute },
      },
      ConntrackTableHardFull: { severity: 'critical', above: 0.85, holds: 5 * minute },
      ConntrackTableFillingUp: {
        severity: 'warning',
        above: 0.50,  // of the limit: an emptier table may grow as it likes
        growth: 30 * minute,  // the time whose growth is carried on
        within: hour,  // where it then reaches the limit, the alert begins
        holds: 10 * minute,
      },

      // Packets a second, unless it says otherwise. What ConntrackTableFull silences begins later and ends sooner than it does.
      ConntrackTableFull: { severity: 'critical', above: 0, fullAbove: 0.95, holds: 0, lingers: 10 * minute },
      ConntrackPacketsRefused: { severity: 'warning', above: 0, holds: 5 * minute, lingers: 10 * minute },
      ConntrackEarlyDrops: { severity: 'warning', above: 0, holds: 2 * minute, lingers: 5 * minute },
      ConntrackClashesLost: { severity: 'warning', above: 0.1, holds: 5 * minute, lingers: 10 * minute },
      ConntrackChainsTooLong: { severity: 'critical', above: 0, holds: 0, lingers: 10 * minute },
      ConntrackHashOverloaded: {
        meanChain: { severity: 'info', above: 4, holds: 30 * minute },  // entries
        // Of the buckets have a chain of more than eight. With four in the mean chain, evenly spread, 0.02 of them have.
        longChains: { severity: 'info', above: 0.05, holds: 30 * minute },
      },
      ConntrackKernelLogTableFull: { severity: 'critical', above: 0, holds: 2 * minute, lingers: 5 * minute },
      ConntrackInvalidPacketsHigh: {
        severity: 'info',
        above: 10,
        times: 5,  // its own mean
        baseline: day,  // of that long,
        baselineEnds: hour,  // up to so long ago
        holds: 15 * minute,
      },

      // Shares of the limit, again.
      ConntrackSynFlood: { severity: 'warning', above: 0.10, ofTcpAbove: 0.50, holds: 2 * minute },
      ConntrackStateLeak: {
        severity: 'warning',
        above: 0.20,
        states: 'CLOSE_WAIT|FIN_WAIT|LAST_ACK|CLOSE|UNREPLIED',  // TIME_WAIT is what many short connections leave
        holds: 15 * minute,
      },
      ConntrackSourceHoldsLargeShare: { severity: 'warning', above: 0.25, holds: 10 * minute },
      // Of the ports that are there.
      ConntrackSnatPortsRunningOut: {
        high: { severity: 'warning', above: 0.80, holds: 5 * minute },
        nearlyExhausted: { severity: 'critical', above: 0.95, holds: 5 * minute },
      },
      // Of the limit of expectations.
      ConntrackExpectationTableFull: { severity: 'warning', above: 0.80, holds: 5 * minute },

      ConntrackLimitChanged: { severity: 'info', seenFor: 15 * minute, holds: 0 },
      ConntrackSettingsNotPersistent: { severity: 'warning', holds: 15 * minute },
      ConntrackLimitBelowRecommended: { severity: 'info', bases: 'peak|profile', holds: hour },

      ConntrackCollectorFailed: { severity: 'warning', holds: 15 * minute },
      ConntrackFlowsSampleOld: { severity: 'warning', olderThan: 5 * minute, holds: 5 * minute },
      ConntrackExporterDown: { severity: 'warning', knownFor: day, holds: 5 * minute },
      ConntrackExporterAbsent: { severity: 'critical', holds: 15 * minute },
    },
  },
}
