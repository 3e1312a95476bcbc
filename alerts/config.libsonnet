// Everything that an operator may want to change: thresholds, durations, severities, links.
// scripts/generate-rules --config FILE overlays it with a file of the same form:
//     { _config+:: { alerts+: { ConntrackSynFlood+: { severity: 'critical' } } } }
local minute = 60, hour = 60 * minute, day = 24 * hour;

{
  _config+:: {
    // A label matcher for every series of the exporter (`cluster="prod"`). Empty: all series.
    selector: '',

    // Labels that tell the machines of one job apart. The rules of the whole fleet aggregate over them and keep the others (job,
    // cluster, namespace, ...).
    machineLabels: ['instance', 'node', 'nodename', 'pod', 'container', 'endpoint', 'host_ip'],

    // The jobs that scrape our exporter: their targets are expected even if they never answered. A target of another job is
    // expected once it has been an exporter.
    jobPattern: '.*conntrack.*',

    // Labels that alerts drop, so that two jobs that scrape one host raise one alert.
    jobLabels: ['job', 'service', 'endpoint'],

    // Record the names of pods and services beside addresses: docs/kubernetes.md. Nothing is recorded without kube-state-metrics.
    kubernetesNames: true,
    // A label matcher for every series of kube-state-metrics (`job="kube-state-metrics"`). Empty: all series.
    kubeStateMetricsSelector: '',

    // The link to the runbook. %s is the alert's name.
    runbookUrl: 'https://github.com/conntrack-exporter/conntrack_exporter/blob/main/alerts/runbooks/%s.md',
    // The dashboards of your Grafana. Prometheus expands the template for each alert. Empty: no such annotation.
    //     'https://grafana.example.org/d/conntrack-node?var-cluster={{ $labels.cluster }}&var-instance={{ $labels.instance }}'
    dashboardUrl: '',
    fleetDashboardUrl: '',  // 'https://grafana.example.org/d/conntrack-fleet'

    // Divides every duration, ranges of rates included. For laboratories: `make drill` runs 60 times as fast.
    speed: 1,

    // Of all rates; at least four scrape intervals. Recorded series say `rate5m` whatever it is, and `increase70m` likewise.
    rateWindow: 5 * minute,
    lastSeen: 5 * minute,  // a gauge keeps its last value for so long: one failed scrape does not restart `for`
    // How long a loss is remembered. The window spans a gap of an hour without scrapes: what was lost in it is the difference to
    // the last sample before the gap.
    lossMemory: 70 * minute,

    // Alerts that are not wanted at all, by name.
    disabled: [],

    // By alert. `severity`: critical wakes somebody, warning is a ticket, info stays on the dashboard.
    // An alert fires once the value has been above `above` for as long as `holds` says (`for`). It then fires while the value is
    // above `until`, and for as long as `lingers` says after that (`keep_firing_for`): a value that hovers around a threshold is
    // one alert.
    alerts: {
      // Shares of the limit. A nearly full table that does not grow loses nothing: a ticket. One that will be full within minutes
      // is a page.
      ConntrackTableUtilisationHigh: {
        // 80 %: still leaves time to act in office hours. 75 %: a busy table varies by 1 or 2 % between scrapes.
        high: { severity: 'warning', above: 0.80, until: 0.75, holds: 10 * minute, lingers: hour },
        nearlyFull: {
          severity: 'critical',
          above: 0.90,  // no `until`: an hour (`lingers`) after it stopped growing, only the ticket is left
          within: 15 * minute,  // time to log in and raise the limit
          growth: 5 * minute,  // shorter windows take noise for growth
          recent: 3 * minute,  // enough for scrapes a minute apart, one of which may fail
          holds: 4 * minute,  // longer than `recent`: a step up to a plateau is no growth
          lingers: hour,
        },
      },
      // The kernel never evicts ASSURED flows: 15 % of the limit is all the room that is left for a burst.
      ConntrackTableHardFull: { severity: 'warning', above: 0.85, until: 0.80, holds: 5 * minute, lingers: hour },
      ConntrackTableFillingUp: {
        severity: 'warning',
        above: 0.50,  // of the limit: an emptier table may grow
        within: hour,
        growth: 30 * minute,  // long enough to see a trend in the waves of normal traffic
        recent: 5 * minute,  // it must still be growing
        // Nightly batches and daily waves peak where they did yesterday. Only a table that is fuller than that by 5 % counts. A peak
        // at which the table was nearly full (ConntrackTableUtilisationHigh.nearlyFull) is no yardstick.
        overYesterday: 1.05,
        yesterday: day,
        yesterdayEnds: hour,  // so that this growth is not compared with itself
        holds: 10 * minute,  // longer than `recent`: neither a standby that takes over nor a server that levels off is a leak
        lingers: hour,
      },

      // Loss. `losing` is a page: packets are being lost, in at least two scrapes. `lost` is a ticket: the loss was a burst, or is
      // over. 0.2 packets a second are 60 in the rates' window; users do not notice fewer, as retransmissions hide them. Where the
      // events collector counts new flows, more than one in a thousand of them also has to be lost: a second's delay for fewer
      // wakes nobody. Pages linger for half an hour: three bad minutes of each twenty are one page.
      ConntrackTableFull: {
        losing: { severity: 'critical', above: 0.2, ofNewFlows: 0.001, holds: 0, lingers: hour / 2 },
        lost: { severity: 'warning', above: 100, until: 50, holds: 0 },
        // Where no counter of losses can be read, a table that is at its limit for the whole window of the rates.
        unknownLoss: { severity: 'critical', above: 0.99, holds: 0, lingers: hour / 2 },
      },
      ConntrackNetnsTableFull: {
        losing: { severity: 'critical', above: 0.2, holds: 0, lingers: hour / 2 },
        lost: { severity: 'warning', above: 100, until: 50, holds: 0 },
      },
      ConntrackChainsTooLong: {
        losing: { severity: 'critical', above: 0.2, holds: 0, lingers: hour / 2 },
        lost: { severity: 'warning', above: 100, until: 50, holds: 0 },
      },
      ConntrackEnaAllowanceExceeded: {
        losing: { severity: 'critical', above: 0.2, holds: 0, lingers: hour / 2 },
        lost: { severity: 'warning', above: 100, until: 50, holds: 0 },
      },
      // Lines. The kernel logs one for each packet, but at most ten in five seconds, so 60 in five minutes are the 0.2 packets a
      // second of the other alerts. Two minutes: where the exporter counts that table, ConntrackTableFull or ConntrackNetnsTableFull
      // fires first and lasts longer.
      ConntrackKernelLogTableFull: {
        repeating: { severity: 'critical', above: 60, holds: 2 * minute, lingers: 20 * minute },
        seen: { severity: 'info', above: 0, holds: 2 * minute },
      },
      ConntrackPacketsLost: { severity: 'info', above: 0, holds: 0 },
      // Two minutes: whether the table was full may be known a moment later than the first drop.
      ConntrackPacketsRefused: { severity: 'warning', above: 100, until: 50, holds: 2 * minute },
      ConntrackEarlyDrops: { severity: 'warning', above: 0.2, until: 0.1, holds: 2 * minute, lingers: hour },
      // Mostly DNS, where each one costs five seconds: users notice 30 in five minutes.
      ConntrackClashesLost: { severity: 'warning', above: 0.1, until: 0.05, holds: 5 * minute, lingers: hour },
      ConntrackHashOverloaded: {
        // Entries. A full table has 2 with the kernel's own sizing (since Linux 5.15).
        meanChain: { severity: 'info', above: 4, until: 3.5, holds: 30 * minute, lingers: hour },
        // The share of the buckets that hold more than eight entries. With a mean of four, evenly spread, it is 0.02.
        longChains: { severity: 'info', above: 0.05, until: 0.04, holds: 30 * minute, lingers: hour },
      },
      ConntrackInvalidPacketsHigh: {
        severity: 'info',
        above: 10,  // packets a second: scans and late packets cause some on every host
        times: 5,  // the mean of the baseline
        baseline: day,
        baselineEnds: hour,  // ago
        holds: 15 * minute,
        lingers: hour,
      },

      // Shares of the limit, again. A handshake takes less than a second, so a tenth half open is far from normal. Five minutes: by
      // then the rate of INVALID packets, the sign of asymmetric routing, covers its whole window.
      ConntrackSynFlood: { severity: 'warning', above: 0.10, until: 0.05, ofTcpAbove: 0.50, holds: 5 * minute, lingers: hour },
      // INVALID packets for each new flow in SYN_SENT. A client whose answers take another path sends one at least, its ACK; a flood
      // sends none. The shares are those of ConntrackSynFlood.
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
      // Shares of the available ports. The kernel tries 248 ports at most. With 2 % of them free, one in 150 new connections finds
      // none; with 5 %, practically every one finds a port.
      ConntrackSnatPortsRunningOut: {
        high: { severity: 'warning', above: 0.80, until: 0.75, holds: 5 * minute, lingers: hour },
        nearlyExhausted: { severity: 'critical', above: 0.98, until: 0.96, holds: 5 * minute, lingers: hour / 2 },
      },
      // A share of the limit of expectations.
      ConntrackExpectationTableFull: { severity: 'warning', above: 0.80, until: 0.70, holds: 5 * minute, lingers: hour },

      ConntrackLimitChanged: { severity: 'info', seenFor: 15 * minute, holds: 0 },
      ConntrackSettingsNotPersistent: { severity: 'warning', holds: 15 * minute, lingers: hour },
      ConntrackLimitBelowRecommended: { severity: 'info', bases: 'peak|profile', holds: hour, lingers: hour },

      // It fails in most scrapes of `mostOf`, so one that fails now and then is told as well.
      ConntrackCollectorFailed: { severity: 'warning', mostOf: 10 * minute, holds: 10 * minute, lingers: 30 * minute },
      ConntrackFlowsSampleOld: { severity: 'warning', olderThan: 5 * minute, holds: 5 * minute, lingers: 30 * minute },
      ConntrackExporterDown: {
        knownFor: day,  // what was an exporter is remembered through so long a gap, of Prometheus or of service discovery
        flapping: 15 * minute,  // a target that answers less than half of this time is down
        // Five minutes: longer than most reboots. One that goes down again within a quarter of an hour is one alert.
        unseen: { severity: 'warning', holds: 5 * minute, lingers: 15 * minute },
        // The table was above 80 % of its limit, or was losing packets (ConntrackTableFull.losing), when it was last seen. `restart`:
        // of Prometheus, which forgets that the alert fires.
        unseenWhileFull: {
          severity: 'critical',
          above: 0.80,
          lastKnown: hour,
          restart: 15 * minute,
          holds: 5 * minute,
          lingers: 15 * minute,
        },
      },
      ConntrackExporterAbsent: { severity: 'warning', knownFor: day, holds: 15 * minute },
    },
  },
}
