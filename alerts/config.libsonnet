// The settings of the rules: thresholds, durations, severities, links.
// scripts/generate-rules --config FILE overlays it with a file of the same form:
//     { _config+:: { alerts+: { ConntrackSynFlood+: { severity: 'critical' } } } }
local minute = 60, hour = 60 * minute, day = 24 * hour;

{
  _config+:: {
    // A label matcher for every series of the exporter (`cluster="prod"`). Empty: all series.
    selector: '',

    // Labels that differ between the hosts of a job. The rules of the whole fleet aggregate over them and keep the others (job, cluster,
    // namespace, ...).
    machineLabels: ['instance', 'node', 'nodename', 'pod', 'container', 'endpoint', 'host_ip'],

    // The jobs that scrape this exporter. ConntrackExporterDown expects their targets even if they never answered. It expects a target of
    // another job once that target has been an exporter.
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

    // Divides every duration, including the ranges of rates. For laboratories: `make drill` runs 60 times as fast.
    speed: 1,

    // The window of all rates: at least four scrape intervals. The names of recorded series have `rate5m` and `increase70m` in any case.
    rateWindow: 5 * minute,
    lastSeen: 5 * minute,  // how long a gauge keeps its last value: one failed scrape does not restart `for`
    // How long a loss is remembered. The window spans a gap of one hour without scrapes. The loss during the gap is the difference to the
    // last sample before it.
    lossMemory: 70 * minute,

    // Names of alerts to leave out.
    disabled: [],

    // The settings of each alert. `severity`: critical is a page, warning is a ticket, info stays on the dashboard.
    // An alert fires after the value has been above `above` for the time `holds` (`for`). It goes on while the value is above `until`, and
    // for the time `lingers` after that (`keep_firing_for`). So a value that hovers around a threshold is one alert.
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
      // The kernel never evicts ASSURED flows, so only 15 % of the limit is left for a burst.
      ConntrackTableHardFull: { severity: 'warning', above: 0.85, until: 0.80, holds: 5 * minute, lingers: hour },
      ConntrackTableFillingUp: {
        severity: 'warning',
        above: 0.50,  // of the limit: an emptier table may grow
        within: hour,
        growth: 30 * minute,  // long enough to see a trend in the waves of normal traffic
        recent: 5 * minute,  // it must still be growing
        // Nightly batches and daily waves have the same peak as the day before. The table must be 5 % fuller than that peak. A peak at which
        // the table was nearly full (ConntrackTableUtilisationHigh.nearlyFull) is not used for the comparison.
        overYesterday: 1.05,
        yesterday: day,
        yesterdayEnds: hour,  // so that this growth is not compared with itself
        holds: 10 * minute,  // longer than `recent`: neither a standby that takes over nor a server that levels off is a leak
        lingers: hour,
      },

      // Loss. `losing` is a page: packets are being lost, in at least two scrapes. `lost` is a ticket: the loss was a burst, or is
      // over. 0.2 packets a second are 60 in the window of the rates. Users do not notice fewer, because retransmissions hide them. If the
      // events collector counts new flows, more than one in a thousand of them must also be lost: a delay of a second for fewer is
      // not worth a page. Pages linger for half an hour, so three bad minutes in every twenty are one page.
      ConntrackTableFull: {
        losing: { severity: 'critical', above: 0.2, ofNewFlows: 0.001, holds: 0, lingers: hour / 2 },
        lost: { severity: 'warning', above: 100, until: 50, holds: 0 },
        // If no counter of losses can be read: a table that is at its limit for the whole window of the rates.
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
      // Lines of the log. The kernel logs one for each packet, but at most ten in five seconds. So 60 in five minutes are the 0.2 packets a
      // second of the other alerts. Two minutes: if the exporter counts that table, ConntrackTableFull or ConntrackNetnsTableFull fires
      // first and lasts longer.
      ConntrackKernelLogTableFull: {
        repeating: { severity: 'critical', above: 60, holds: 2 * minute, lingers: 20 * minute },
        seen: { severity: 'info', above: 0, holds: 2 * minute },
      },
      ConntrackPacketsLost: { severity: 'info', above: 0, holds: 0 },
      // Two minutes, because the exporter may see the full table a moment after the first drop.
      ConntrackPacketsRefused: { severity: 'warning', above: 100, until: 50, holds: 2 * minute },
      ConntrackEarlyDrops: { severity: 'warning', above: 0.2, until: 0.1, holds: 2 * minute, lingers: hour },
      // Mostly DNS, where each lost packet delays a lookup by five seconds. Users notice 30 in five minutes.
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

      // Shares of the limit. A handshake takes less than a second, so a tenth of the limit half-open is far from normal. Five minutes: the
      // rate of INVALID packets, the sign of asymmetric routing, then covers its whole window.
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

      // The collector fails in most scrapes within `mostOf`, so one that fails again and again also fires.
      ConntrackCollectorFailed: { severity: 'warning', mostOf: 10 * minute, holds: 10 * minute, lingers: 30 * minute },
      ConntrackFlowsSampleOld: { severity: 'warning', olderThan: 5 * minute, holds: 5 * minute, lingers: 30 * minute },
      ConntrackExporterDown: {
        knownFor: day,  // how long a target counts as an exporter after a gap of Prometheus or of service discovery
        flapping: 15 * minute,  // a target that answers less than half of this time is down
        // Five minutes: longer than most reboots. A target that goes down again within a quarter of an hour is one alert.
        unseen: { severity: 'warning', holds: 5 * minute, lingers: 15 * minute },
        // At the last scrape, the table was above 80 % of its limit or lost packets (ConntrackTableFull.losing). `restart`: time for a
        // restart of Prometheus, which forgets that the alert fires.
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
