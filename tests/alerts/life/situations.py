"""The situations. Unless stated otherwise, events begin at minute 30. Levels are percentages of the table."""

from host import SIZE, Host
from shapes import (NONE, again, batch, each, hover, levelling_off, lost, pulses, ramp, rate, saw, sine, steady, steps)  # fmt: skip
from situation import Situations

POD = "2f7d0c4e-9f0b-4f8e-a1d6-0c5b7e9a1b2c"
HOURS, DAYS = 120, 240  # seconds between evaluations in situations of that length
situation = SITUATIONS = Situations()

# Full for ten minutes, with 20 packets lost a second.
FULL = {"usage": steps(60, "30m", 100, "40m", 60), "full": rate(20, "30m", "40m")}
TELLS_FULL = ("TableFull critical by 33m after 30m", "may TableFull warning by 32m told 1")

# Another network namespace
situation("pod_full", "a pod's table loses 5,675 packets in five minutes", "1h15m",
  Host(netns={POD: lost(5675, "30m", "35m"), "host": NONE}),
  f"NetnsTableFull critical netns={POD} by 31m30s until 1h11m", f"NetnsTableFull warning netns={POD} by 1h11m",
  scrape=30)
situation("pod_full_60s", "the same, scraped each minute", "2h",
  Host(netns={POD: lost(5675, "30m", "35m")}),
  f"NetnsTableFull critical netns={POD} by 33m until 1h11m", "NetnsTableFull warning")
situation("pod_burst", "a pod's table loses 6,000 packets in two seconds", "2h",
  Host(netns={POD: lost(6000, "30m7s", "30m9s")}), "NetnsTableFull warning by 32m until 1h45m")
situation("pod_few", "a pod's table loses 20 packets in an hour", "1h",
  Host(netns={POD: lost(20, "30m", "1h30m")}))
situation("pod_full_4_19", "a pod's table is full, before Linux 5.10, where resolved clashes count as failed", "1h15m",
  Host(kernel=(4, 19), netns={POD: rate(20, "30m", "40m")}, netns_resolved={POD: rate(50)}),
  f"NetnsTableFull critical netns={POD} by 33m", f"may NetnsTableFull warning netns={POD}")
situation("netns_host", "the host's own table is among the namespaces too", "1h",
  Host(netns={"host": FULL["full"]}, **FULL), *TELLS_FULL)

# Labels that a target may have
MANY = Host(
  usage=steps(60, "30m", 100, "40m", 60), full=rate(20, "30m", "40m"), snat=steps(50, "30m", 99),
  flows={"tcp SYN_SENT": steps(1, "30m", 45), "tcp CLOSE_WAIT": steps(3, "30m", 25), "udp REPLIED": steady(10)},
  sources={"192.0.2.9": steps(5, "30m", 40), "other": steady(20)})
LABELS = ("zone region cluster namespace pod node source service state instance_state env team role exported_zone "
  "cause severity what alertname").split()
for label, labels in {"none": (), **{label: (label,) for label in LABELS}, "all": LABELS}.items():
  situation(f"label_{label}", f"several incidents at once, and targets with the label {label}", "1h",
    Host(**{**vars(MANY), "labels": dict.fromkeys(labels, "a")}), *TELLS_FULL,
    "SnatPortsRunningOut critical by 37m ct_zone=0 past 59m", "may SnatPortsRunningOut warning told 1",
    "SynFlood warning by 37m past 59m", "StateLeak warning flow_state=CLOSE_WAIT by 47m",
    "SourceHoldsLargeShare warning source_address=192.0.2.9 by 42m")

# Gaps of scrapes
for minutes in (3, 5, 20, 55):
  end = 30 + minutes
  down = {3: "no ExporterDown warning", 5: "may ExporterDown warning until 50m"}
  situation(f"gap_{minutes}m", f"no scrape for {minutes} minutes, in which the table is full and 6,532 packets are lost",
  f"{end + 75}m",
    Host(usage=steps(60, "30m15s", 100, f"{end}m", 60), full=lost(6532, "30m15s", f"{end}m"), missed=f"30m10s-{end}m"),
    f"TableFull warning after {end}m by {end + 1}m until {end + 72}m",
    down.get(minutes, f"ExporterDown warning by 37m until {end + 15}m"))
situation("gap_20m_full_before", "the table is full from two minutes before a gap of 20 minutes to ten minutes after", "2h15m",
  Host(usage=steps(60, "28m", 100, "1h", 60), full=rate(20, "28m", "1h"), missed="30m10s-50m"),
  "TableFull critical by 33m until 1h36m told 1-2", "may TableFull warning told 1", "ExporterDown critical by 37m until 1h5m",
  "may ExporterDown warning until 1h5m", "may TableUtilisationHigh warning")
situation("dies_when_full", "the exporter stops within seconds after the table is full", "2h15m",
  Host(usage=steps(60, "29m50s", 100), full=rate(20, "29m50s"), missed="30m10s-1000d"),
  "ExporterDown critical by 37m past 2h14m", "may ExporterDown warning", "may TableFull warning",
  "may TableFull critical until 1h6m")
situation("flapping_scrapes", "each third scrape fails", "1h10m", Host(missed=again("60s", "3m", "10m", "2h")))
situation("flapping_scrapes_full", "each third scrape fails, and the table is full", "1h",
  Host(missed=again("60s", "3m", "10m", "2h"), **FULL), "TableFull critical by 36m", "may TableFull warning")
situation("prometheus_restart", "Prometheus is down for ten minutes", "1h", Host(unseen="30m-40m", usage=steady(70)))
situation("prometheus_restart_full", "Prometheus is down for ten minutes while the table is full for half an hour", "2h",
  Host(unseen="35m-45m", usage=steps(60, "30m", 100, "1h", 60), full=rate(20, "30m", "1h")),
  "TableFull critical by 33m until 1h36m told 1-2", "may TableFull warning told 1", "may TableUtilisationHigh warning")

situation("gap_restart_full", "in a gap of scrapes the table is full, and the exporter is restarted", "2h15m",
  Host(usage=steps(60, "35m", 100, "45m", 60), full=lost(6532, "35m", "45m"), early_drops=lost(500, "35m", "45m"),
    missed="32m-50m", exporter_restarts=("48m",)),
  "TableFull warning by 52m", "ExporterDown warning by 40m until 1h5m")
situation("two_of_three_scrapes_full", "two of three scrapes fail, and the table is full", "2h15m",
  Host(missed=again("2m", "3m", "10m10s", "3h"), usage=steps(60, "30m", 100, "1h", 60), full=rate(20, "30m", "1h")),
  "TableFull critical by 40m until 1h43m", "may TableFull warning told any", "ExporterDown warning by 30m past 30m",
  "may ExporterDown critical told any", "may TableUtilisationHigh warning")

# Growth
situation("standby_takes_over", "from 29 to 58 % in a minute, and stays", "6h", Host(usage=ramp(29, 58, "1h", "1h1m")),
  evaluation=HOURS)
situation("nightly_batch", "a batch fills the table to 77 % in two hours of each of three nights", "53h",
  Host(usage=batch(20, 77, "2h", "2h")), "may TableFillingUp warning told 1 until 6h", evaluation=DAYS)
situation("hourly_saw", "30 to 70 % each hour", "6h",
  Host(usage=saw(30, 70, "1h")), "may TableFillingUp warning told 1 until 3h", evaluation=HOURS)
for minutes in (2, 5, 10):
  situation(f"levels_off_{minutes}m", f"a load balancer levels off at 60 %, with a time constant of {minutes} minutes", "2h30m",
    Host(usage=levelling_off(10, 60, f"{minutes}m", "1h")))
situation("diurnal", "15 to 60 % each day", "30h", Host(usage=sine(15, 60, "1d")), evaluation=DAYS)
for name, start, full, end, expected in (
  ("50m", 20, "1h50m", "2h10m", ("TableFillingUp warning by 1h35m", "TableUtilisationHigh critical by 1h50m")),
  ("1h", 20, "2h", "2h30m", ("TableFillingUp warning by 1h45m", "TableUtilisationHigh critical by 2h")),
  ("3h", 20, "4h", "4h30m", ("TableFillingUp warning by 3h45m", "TableUtilisationHigh critical by 4h")),
  ("12h", 40, "10h", "10h30m", ("TableUtilisationHigh warning by 9h45m", "may TableFillingUp warning told 1",
  "may TableUtilisationHigh critical told 1")),
  ("3d", 70, "28h", "29h", ("TableUtilisationHigh warning by 27h45m", "may TableFillingUp warning told 1",
  "may TableUtilisationHigh critical told 1")),
):
  situation(f"leak_{name}", f"a leak that fills an empty table in {name}, from {start} % on", end,
    Host(usage=ramp(start, 100, "1h", full), full=rate(20, full)), *expected, "may TableUtilisationHigh warning told 1",
    f"TableFull critical after {full}", "may TableFull warning told 1", evaluation={"10h30m": HOURS, "29h": DAYS}.get(end, 60))
situation("fast_growth", "60 % to full in half an hour", "1h30m",
  Host(usage=ramp(60, 100, "30m", "1h"), full=rate(20, "1h")), "TableFillingUp warning by 53m",
  "TableUtilisationHigh critical by 58m",
  "may TableUtilisationHigh warning told 1", "TableFull critical by 1h3m past 1h29m", "may TableFull warning told 1")
situation("leak_after_full_day", "the table was full yesterday, and leaks today", "31h",
  Host(usage=steps(30, "10h", 100, "12h", 30) + ramp(0, 70, "29h", "30h"), full=rate(20, "10h", "12h")),
  "TableFillingUp warning after 29h by 29h45m", "TableUtilisationHigh critical after 29h by 30h", "TableFull critical",
  "may TableFull warning told any", "may TableUtilisationHigh warning told any", evaluation=DAYS)
situation("monday_peak", "78 % over four hours, after a day with 40 %", "30h",
  Host(usage=steps(30, "8h", 40, "18h", 30) + batch(0, 48, "24h", "4h")), "may TableFillingUp warning told 1", evaluation=DAYS)
situation("backup", "from 30 to 55 % in ten minutes, for an hour", "2h30m", Host(usage=ramp(30, 55, "1h", "1h10m") + ramp(0, -25,
  "2h10m", "2h12m")))

# Levels
situation("hover_80", "80 % +- 1 for six hours", "6h", Host(usage=hover(80, 1)), "may TableUtilisationHigh warning told 1",
  evaluation=HOURS)
situation("hover_80_slow", "the same, but each level lasts for 20 minutes", "6h",
  Host(usage=hover(80, 1, "20m")), "TableUtilisationHigh warning told 1", evaluation=HOURS)
situation("pulses_92", "92 % for six minutes of each half hour", "6h",
  Host(usage=steady(70) + pulses(22, "6m", "30m", "30m")), "may TableUtilisationHigh warning told 1", evaluation=HOURS)
situation("hover_90", "90 % +- 2 for six hours", "6h", Host(usage=hover(90, 2)), "TableUtilisationHigh warning told 1 past 5h55m",
  evaluation=HOURS)
situation("steady_92", "steady 92 %", "2h", Host(usage=ramp(70, 92, "30m", "45m")),
  "TableUtilisationHigh warning by 51m past 1h59m", "may TableFillingUp warning told 1")
situation("plateau_97", "grows to 97 % in half an hour, and stays there", "6h", Host(usage=ramp(60, 97, "30m", "1h")),
  "TableUtilisationHigh critical by 1h1m until 2h10m", "TableUtilisationHigh warning past 5h57m",
  "may TableFillingUp warning told 1 until 2h10m", evaluation=HOURS)
situation("falls", "91 % for an hour, then 20 %", "5h",
  Host(usage=steps(60, "30m", 91, "1h30m", 20)), "TableUtilisationHigh warning by 41m until 2h36m", evaluation=HOURS)
situation("wave", "85 to 95 % and back, each half hour", "6h", Host(usage=sine(85, 95, "30m")),
  "TableUtilisationHigh warning told 1", "may TableUtilisationHigh critical told 1", evaluation=HOURS)
situation("gaps_at_85", "85 %, and no scrape for four minutes of each half hour", "6h",
  Host(usage=steady(85), missed=again("4m", "30m", "20m10s", "6h")), "TableUtilisationHigh warning past 5h58m", evaluation=HOURS)
situation("hard_full", "86 % are ASSURED", "6h",
  Host(usage=steps(60, "30m", 88), assured=steps(40, "30m", 86)), "TableHardFull warning by 41m past 5h59m", evaluation=HOURS)
situation("hover_hard_full", "85 % +- 1 are ASSURED, each level for 20 minutes", "6h",
  Host(usage=hover(79, 0.5), assured=hover(85, 1, "20m")), "TableHardFull warning", evaluation=HOURS)
situation("new_host", "a host that lost packets long ago becomes a target", "2h", Host(gone="0s-30m", counted_before=10**6))
situation("boots_and_fills", "after a boot the table fills to 75 % as before", "6h",
  Host(boots=("5h",), missed="4h58m-5h2m", usage=steps(75, "5h", 0) + ramp(0, 75, "5h", "5h30m")), evaluation=HOURS)
situation("two_hosts", "one host is full, the other is not", "1h", Host(name="gw1"), Host(name="gw2", **FULL),
  "TableFull critical instance=gw2 by 33m", "may TableFull warning instance=gw2 told 1")
situation("recommended", "the limit is half of what is recommended", "1h30m",
  Host(recommended=2 * SIZE), "LimitBelowRecommended info by 1h2m past 1h29m")
situation("few_buckets", "ten entries for each bucket", "1h", Host(buckets=steady(10000), usage=steady(50)),
  "HashOverloaded info by 32m")
situation("expectations", "90 % of the expectations", "1h", Host(expectations=steps(10, "30m", 90)),
  "ExpectationTableFull warning by 37m past 59m")

# Loss
for scrape, by, length in ((15, "31m", "1h55m"), (30, "31m30s", "1h55m"), (60, "33m", "2h")):
  situation(f"full_{scrape}s", f"ten minutes with 20 packets lost a second, scraped each {scrape} s", length,
    Host(**FULL), f"TableFull critical by {by} until 1h16m", "TableFull warning by 1h17m until 1h51m", scrape=scrape)
  situation(f"small_loss_{scrape}s", f"a packet each two seconds, scraped each {scrape} s", length,
    Host(usage=steps(60, "30m", 100, "45m", 60), full=rate(0.5, "30m", "45m")),
    "TableFull critical by 36m until 1h21m", "may TableFull warning told 1", "may TableUtilisationHigh warning", scrape=scrape)
  situation(f"burst_{scrape}s", f"6,000 packets lost in two seconds, scraped each {scrape} s", length,
    Host(usage=steady(60) + pulses(40, "2s", "30m7s"), full=lost(6000, "30m7s", "30m9s")),
    "TableFull warning by 32m until 1h42m", "may KernelLogTableFull info", scrape=scrape)
situation("loss_each_20m", "three minutes of loss each 20 minutes", "6h",
  Host(usage=steady(60) + pulses(40, "3m", "30m", "20m"), full=each(60, "20m", "30m") + each(60, "20m", "31m") + each(60, "20m", "32m")),
  "TableFull critical by 36m past 5h59m", "may TableFull warning told 1", "may TableUtilisationHigh warning told 1", evaluation=HOURS)
situation("loss_around_100", "98 to 108 packets lost in 70 minutes", "6h",
  Host(usage=steady(60) + pulses(40, "2s", "30m7s", "10m"), full=each(14, "10m", "30m8s") + each(10, "100m", "30m8s")),
  "TableFull warning told 1", evaluation=HOURS)
situation("full_once_then_refused", "the table is full once; afterwards it has room, and some packets are refused", "6h",
  Host(usage=steps(60, "30m", 100, "32m", 60, "3h", 85), full=lost(500, "30m", "32m") + rate(0.03), logs=False),
  "TableFull critical by 32m until 1h10m", "TableFull warning until 1h45m", "PacketsRefused warning after 1h40m",
  "TableUtilisationHigh warning by 3h13m", evaluation=HOURS)
situation("drip", "a packet each ten seconds for three hours", "5h",
  Host(usage=steps(60, "30m", 100, "3h30m", 60), full=rate(0.1, "30m", "3h30m")), "TableFull warning by 50m past 3h30m until 4h42m",
  "may TableUtilisationHigh warning told 1", evaluation=HOURS)
situation("burst_an_hour", "200 packets in two seconds of each hour", "6h",
  Host(usage=steady(60) + pulses(40, "2s", "30m7s", "1h"), full=each(200, "1h", "30m8s")), "TableFull warning by 32m past 5h59m",
  evaluation=HOURS)
situation("full_evaluated_60s", "scraped each 15 s, evaluated each minute", "1h",
  Host(**FULL), "TableFull critical by 32m", "may TableFull warning told 1", scrape=15, evaluation=60)
situation("full_for_hours", "the table is full for three hours", "5h",
  Host(usage=steps(60, "30m", 100, "3h30m", 60), full=rate(3, "30m", "3h30m")), "TableFull critical by 34m past 3h30m until 4h6m",
  "TableFull warning until 4h42m", "may TableUtilisationHigh warning told 1", evaluation=HOURS)
situation("packet_an_hour", "a packet lost an hour, at a peak of 97 %", "6h",
  Host(usage=steady(60) + pulses(37, "2s", "30m7s", "1h"), full=each(1, "1h", "30m8s")),
  "PacketsLost info cause=table_full past 5h59m",
  "may KernelLogTableFull info", evaluation=HOURS)
situation("packet_each_16m", "a packet lost every 16 minutes", "6h",
  Host(usage=steady(60) + pulses(40, "2s", "30m7s", "16m"), full=each(1, "16m", "30m8s")),
  "PacketsLost info cause=table_full past 5h59m",
  "may KernelLogTableFull info", evaluation=HOURS)
situation("one_line", "one line in the kernel's log, of some namespace", "1h50m", Host(lines=each(1, "1000d", "30m")),
  "KernelLogTableFull info by 32m until 1h42m")
situation("no_statistics", "full for half an hour, in a container that cannot read the kernel's counters", "2h",
  Host(stat=False, usage=steps(60, "30m", 100, "1h", 60), full=rate(20, "30m", "1h")),
  "KernelLogTableFull critical by 35m until 1h36m", "TableFull critical what=unknown_loss by 36m until 1h31m",
  "may TableUtilisationHigh warning told 1")
situation("no_counters", "full for half an hour, and neither the kernel's counters nor its log can be read", "2h",
  Host(stat=False, logs=False, usage=steps(60, "30m", 100, "1h", 60), full=rate(20, "30m", "1h")),
  "TableFull critical what=unknown_loss by 36m until 1h31m", "may TableUtilisationHigh warning told 1")
situation("counters_vanish", "the stat collector fails, and ten minutes later the table is full", "2h",
  Host(unplugged={0: "20m-1000d", 1: "20m-1000d"}, failing={"stat": "20m-1000d"}, logs=False, usage=steps(60, "30m", 100, "1h25m", 60),
    full=rate(20, "30m", "1h25m")),
  "TableFull critical what=unknown_loss by 36m until 1h56m", "CollectorFailed warning", "may TableUtilisationHigh warning told 1")
situation("no_counters_one_sample", "no counters, and one scrape of a full table after a gap", "1h15m",
  Host(stat=False, logs=False, usage=steps(50, "39m30s", 99.5, "40m30s", 50), missed="30m10s-40m"), "may ExporterDown warning")
situation("lines", "a line each second for ten minutes, of some namespace", "1h", Host(lines=rate(1, "30m", "40m")),
  "KernelLogTableFull critical by 35m", "may KernelLogTableFull info")
situation("busy_gateway", "a packet a second lost beside 100,000 new flows", "2h",
  Host(usage=steady(70) + pulses(30, "1s", "30m", "10s", "1h"), full=rate(1, "30m", "1h"), new_flows=rate(100_000)),
  "TableFull warning by 34m", "may KernelLogTableFull info")
situation("slow_gateway", "a packet a second lost beside 50 new flows", "1h10m",
  Host(usage=steps(60, "30m", 100, "1h", 60), full=rate(1, "30m", "1h"), new_flows=rate(50)),
  "TableFull critical by 33m", "may TableFull warning told 1", "may TableUtilisationHigh warning")
situation("refused", "a packet a second is lost, and the table has room", "2h",
  Host(full=rate(1, "30m", "40m"), lines=NONE, logs=False), "PacketsRefused warning by 37m until 1h51m")
situation("refused_few", "50 packets are lost, and the table has room", "2h",
  Host(full=lost(50, "30m", "40m"), logs=False), "PacketsLost info by 32m until 1h51m")
situation("clashes_few", "clashes lose a packet each 20 s for hours", "6h", Host(clashes=rate(0.05, "30m")), evaluation=HOURS)
situation("clashes", "clashes lose a packet a second for half an hour", "2h15m", Host(clashes=rate(1, "30m", "1h")),
  "ClashesLost warning by 38m until 2h6m")
situation("chains", "chains that are too long lose five packets a second", "1h", Host(chains=rate(5, "30m", "40m")),
  "ChainsTooLong critical by 32m", "may ChainsTooLong warning told 1")
situation("chains_burst", "chains that are too long lose 200 packets in two seconds", "2h", Host(chains=lost(200, "30m7s",
  "30m9s")),
  "ChainsTooLong warning by 32m until 1h42m")
situation("early_drop_an_hour", "an eviction an hour", "6h", Host(early_drops=each(1, "1h", "30m")), evaluation=HOURS)
situation("early_drops", "five evictions a second for half an hour", "2h15m",
  Host(early_drops=rate(5, "30m", "1h"), usage=steps(60, "30m", 79, "1h", 60)), "EarlyDrops warning by 34m until 2h10m")
situation("kernel_4_19_full", "full, before Linux 5.10", "1h", Host(kernel=(4, 19), **FULL), *TELLS_FULL)
situation("kernel_4_19_clashes", "clashes lose a packet a second, before Linux 5.10", "2h",
  Host(kernel=(4, 19), clashes=rate(1, "30m", "40m")), "PacketsRefused warning by 37m until 1h51m")

# Counters
situation("cpu_unplugged", "two of four CPUs are unplugged", "1h", Host(cpus=4, unplugged={2: "30m-40m", 3: "31m-1000d"},
  counted_before=100_000))
situation("cpu_unplugged_full", "two of four CPUs are unplugged while the table is full", "1h",
  Host(cpus=4, unplugged={2: "35m-38m", 3: "36m-1000d"}, **FULL), *TELLS_FULL)
situation("cpus_128", "a packet a second lost over 128 CPUs", "1h10m",
  Host(cpus=128, usage=steps(60, "30m", 100, "45m", 60), full=rate(1, "30m", "45m")),
  "TableFull critical by 36m", "may TableFull warning told 1", "may TableUtilisationHigh warning")
situation("cpus_128_small", "a packet each three seconds lost over 128 CPUs", "1h10m",
  Host(cpus=128, usage=steps(60, "30m", 100, "50m", 60), full=rate(1 / 3, "30m", "50m")),
  "TableFull critical by 38m", "may TableFull warning told 1", "may TableUtilisationHigh warning")
situation("cpus_128_packets", "three packets each an hour on 128 CPUs", "1h30m",
  Host(cpus=128, usage=steady(60) + pulses(40, "2s", "30m7s", "20m"), full=each(1, "20m", "30m8s")), "PacketsLost info",
  "may KernelLogTableFull info")
situation("wrap_full", "the counter of losses wraps at 2^32", "1h", Host(counted_before=2**32 - 2000, **FULL), *TELLS_FULL)
situation("wrap_invalid", "the counter of INVALID packets wraps at 2^32", "1h", Host(counted_before=2**32 - 20000, invalid=rate(5)),
  "no InvalidPacketsHigh info")
situation("exporter_restart_full", "the exporter is restarted while the table is full", "1h",
  Host(exporter_restarts=("35m",), missed="34m50s-35m20s", **FULL), *TELLS_FULL)
situation("exporter_crash_loop", "the exporter is restarted each ten minutes", "2h",
  Host(exporter_restarts=tuple(f"{n}0m" for n in range(1, 18)), missed=again("40s", "10m", "10m", "3h")))
situation("reboot", "the host boots for four minutes", "1h",
  Host(boots=("32m",), missed="30m10s-34m", usage=steps(60, "31m", 1, "36m", 60), invalid=rate(2), counted_before=10**6))
situation("reboot_full", "the host boots while the table is full", "1h",
  Host(boots=("40m",), missed="38m10s-41m", usage=steps(60, "30m", 100, "39m", 10), full=rate(20, "30m", "39m")),
  "TableFull critical by 33m", "may TableFull warning told 1-2")

# The limit
situation("limit_raised", "85 % full, then the limit is doubled", "2h15m",
  Host(usage=steady(85), limit=steps(SIZE, "1h", 2 * SIZE)), "TableUtilisationHigh warning by 11m until 2h6m",
  "LimitChanged info by 1h1m")
situation("limit_lowered", "the limit is set below the count", "1h10m",
  Host(usage=steady(60), limit=steps(SIZE, "30m", SIZE * 0.4, "45m", SIZE), full=rate(30, "30m", "45m")),
  "TableFull critical by 33m", "may TableFull warning told 1", "may TableUtilisationHigh warning",
  "LimitChanged info told 1-2")
situation("limit_0", "no limit", "1h", Host(limit=NONE, usage=ramp(50, 99, "30m", "1h")))
situation("limit_0_loss", "no limit, and a packet a second is refused", "2h",
  Host(limit=NONE, full=rate(1, "30m", "40m"), logs=False), "PacketsRefused warning by 37m until 1h51m")

# Exporters
NODE = {"job": "node", "exporter": False}
A, B = {"cluster": "a"}, {"cluster": "b"}
situation("no_exporters", "Prometheus without exporters", "1h", Host(**NODE), alone=True)
situation("only_others_down", "Prometheus without exporters, and other targets are down", "1h", Host(missed="0s-1000d", **NODE),
  alone=True)
situation("cluster_gone", "all exporters of one of two clusters are removed", "1h15m",
  Host(name="a1", labels=A), Host(name="b1", labels=B, gone="30m10s-1000d"), Host(name="b2", labels=B, gone="30m10s-1000d"),
  "ExporterAbsent warning cluster=b job=conntrack by 52m past 1h14m")
situation("gone_for_good", "the only exporter is removed for good", "27h",
  Host(labels=A, gone="1h-1000d"), "ExporterAbsent warning cluster=a job=conntrack by 1h30m past 24h until 25h30m", evaluation=DAYS)
situation("never_up", "an exporter that never came up", "1h", Host(missed="0s-1000d"), "ExporterDown warning by 7m past 59m")
situation("down_30h", "exporters are down for 30 hours, one in a job of another name", "31h",
  Host(missed="30m-1000d"), Host(name="gw2", job="nodes", missed="30m-1000d"), "ExporterDown warning told 2 by 40m past 30h59m",
  evaluation=DAYS)
situation("down_in_cluster_b", "hosts of one name in two clusters, and one is down", "1h",
  Host(labels=A), Host(labels=B, missed="30m10s-1000d"), "ExporterDown warning cluster=b by 37m past 59m")
situation("down_at_91", "an exporter dies while 91 % are in use", "1h20m", Host(usage=steps(60, "25m", 91), missed="30m10s-1000d"),
  "ExporterDown critical by 37m past 1h19m", "may ExporterDown warning", "may TableUtilisationHigh warning told 1")
situation("down_at_60", "an exporter dies while 60 % are in use", "1h", Host(usage=steady(60), missed="30m10s-1000d"),
  "ExporterDown warning by 37m past 59m")
situation("down_after_burst", "an exporter dies 20 minutes after a burst of losses", "2h", Host(usage=steady(60) + pulses(40, "2s",
  "30m7s"), full=lost(6000, "30m7s", "30m9s"), missed="50m10s-1000d"),
  "ExporterDown warning by 57m past 1h59m", "TableFull warning by 32m", "may KernelLogTableFull info")
situation("down_clashes_4_19", "a node with clashes goes down, before Linux 5.10", "2h",
  Host(kernel=(4, 19), clashes=rate(1), missed="1h10s-1000d"), "ExporterDown warning by 1h7m past 1h59m", "PacketsRefused warning")
situation("down_twice", "down at 91 % for ten minutes, back at 5 % for a while, and down again", "2h",
  Host(usage=steps(91, "35m", 5), missed="30m10s-41m 1h10s-1h9m"), "ExporterDown critical by 37m until 1h", "ExporterDown warning by 1h7m told any",
  "TableUtilisationHigh warning until 1h45m")
situation("down_often", "down for twelve of each twenty minutes", "4h", Host(missed=again("12m", "20m", "30m10s", "5h")),
  "ExporterDown warning by 38m past 3h59m", evaluation=HOURS)
situation("flapping_after_burst", "answers two of five minutes, with one burst of losses", "4h",
  Host(missed=again("3m", "5m", "30m10s", "5h"), usage=steady(40) + pulses(60, "2s", "1h7s"), full=lost(6000, "1h7s", "1h9s"), logs=False),
  "ExporterDown warning past 3h59m", "may ExporterDown critical until 1h45m", "TableFull warning by 1h10m")
situation("two_targets_of_an_instance", "an exporter is down, and another target of its job has its instance label", "1h",
  Host(labels={"exporter": "conntrack"}, missed="30m10s-1000d"), Host(labels={"exporter": "node"}, exporter=False),
  "ExporterDown warning by 37m past 59m")
situation("flapping_target", "an exporter answers one minute of each five", "3h", Host(missed=again("4m", "5m", "30m10s", "3h10m")),
  "ExporterDown warning by 50m past 2h59m")
situation("job_removed_host_down", "the exporter is removed, and the node_exporter of its host goes down", "1h15m",
  Host(labels=A, gone="30m10s-1000d"), Host(labels=A, missed="40m-1000d", **NODE), "ExporterAbsent warning job=conntrack by 52m")
situation("gone_but_one", "all exporters of a job are removed, but one that never answered", "1h15m",
  Host(name="old", labels=A, missed="0s-1000d"), Host(labels=A, gone="30m10s-1000d"), "ExporterAbsent warning job=conntrack by 52m",
  "ExporterDown warning instance=old by 7m past 1h14m")
situation("down_restart", "an exporter is down while 91 % are in use, and Prometheus is restarted", "1h45m",
  Host(job="nodes", usage=steady(91), missed="30m10s-1000d", unseen="50m-56m"),
  "ExporterDown critical by 37m past 1h44m told 1-2", "may ExporterDown warning", "TableUtilisationHigh warning")
situation("down_after_fall", "an exporter dies half an hour after usage fell from 91 % to 20 %", "2h15m", Host(usage=steps(91, "1h", 20),
  missed="1h30m10s-1000d"),
  "ExporterDown warning by 1h37m past 2h14m", "TableUtilisationHigh warning by 11m until 2h6m")
situation("discovery_blips", "the target is gone for two minutes of each ten", "2h", Host(labels=A, gone=again("2m", "10m",
  "20m10s", "2h")))
situation("all_down", "all exporters of a job are down", "1h", *(Host(name=name, labels=A,
  missed="30m10s-1000d") for name in ("gw1", "gw2")),
  "ExporterDown warning told 2 by 37m past 59m")
situation("pod_replaced", "a pod is replaced by another in a rolling update", "1h",
  Host(name="10.0.0.1", labels=A, gone="30m10s-1000d"), Host(name="10.0.0.2", labels=A, gone="0s-31m"), Host(name="10.0.1.1",
  labels=A))
situation("pod_replaced_alone", "the only pod is replaced by another", "1h",
  Host(name="10.0.0.1", labels=A, gone="30m10s-1000d"), Host(name="10.0.0.2", labels=A, gone="0s-33m"))
situation("scaled_in", "one of two hosts is removed", "1h", Host(labels=A, gone="30m10s-1000d"), Host(name="gw2", labels=A))
PODS = {"job": "kubernetes-pods", "labels": A}
situation("shared_job", "other targets of the job are down", "1h", Host(**PODS), Host(name="shop", exporter=False,
  missed="0s-1000d", **PODS))
situation("shared_job_down", "the exporter and other targets of the job are down", "1h",
  Host(missed="30m10s-1000d", **PODS), Host(name="shop", exporter=False, missed="0s-1000d", **PODS),
  "ExporterDown warning instance=gw1 by 37m past 59m")
situation("rolling_restart", "all exporters are restarted, one after the other", "1h",
  *(Host(name=f"gw{n}", exporter_restarts=(f"{30 + 2 * n}m",), missed=f"{28 + 2 * n}m50s-{30 + 2 * n}m10s") for n in range(6)))
situation("two_jobs", "two jobs scrape one host, and its table is full", "1h", Host(**FULL), Host(job="conntrack-2", **FULL),
  *TELLS_FULL)
situation("two_jobs_one_fails", "two jobs scrape one host, and one of them fails", "1h", Host(), Host(job="conntrack-2",
  missed="30m10s-1000d"))
situation("collector_fails", "a collector fails", "1h", Host(failing={"flows": "0s-1000d"}),
  "CollectorFailed warning collector=flows by 17m past 59m")
situation("collector_flaps", "a collector fails in four minutes of each five", "1h", Host(failing={"flows": again("4m", "5m", "20m",
  "2h")}), "CollectorFailed warning collector=flows by 40m past 59m")
situation("sample_old", "no walk of the table completes for 20 minutes", "1h30m",
  Host(sample_age=ramp(0, 1200, "30m", "50m") + steps(0, "50m", -1200)), "FlowsSampleOld warning by 42m until 1h25m")

# Traffic
TCP = {"tcp ESTABLISHED": steady(10), "udp REPLIED": steady(10)}
situation("syn_flood", "a SYN flood", "1h", Host(usage=steady(50), flows={"tcp SYN_SENT": ramp(0, 30, "30m", "32m"), **TCP},
  invalid=rate(0.5)),
  "SynFlood warning by 36m past 59m")
situation("syn_flood_invalid", "a SYN flood, on a gateway that always sees 60 INVALID packets a second", "5h",
  Host(usage=steady(50), flows={"tcp SYN_SENT": ramp(0, 12, "4h", "4h2m"), "tcp ESTABLISHED": steady(5)}, invalid=rate(60)),
  "SynFlood warning by 4h10m past 4h58m", evaluation=HOURS)
situation("asymmetric_for_days", "a router sees one direction only, for two days", "52h",
  Host(usage=steady(50), flows={"tcp SYN_SENT": ramp(0, 30, "2h", "2h2m"), "tcp ESTABLISHED": steady(5)}, invalid=rate(250, "2h")),
  "AsymmetricRouting warning by 2h15m past 51h", evaluation=DAYS)
situation("asymmetric_again", "a router sees one direction only for 16 hours, and again four hours later", "26h",
  Host(usage=steady(50), flows={"tcp SYN_SENT": steps(0, "2h", 30, "18h", 0, "22h", 30), "tcp ESTABLISHED": steady(5)},
    invalid=rate(250, "2h", "18h") + rate(250, "22h")),
  "AsymmetricRouting warning told 2 by 2h15m past 25h", evaluation=DAYS)
situation("half_open_service", "40 % of the TCP connections are half open", "1h",
  Host(usage=steady(50), flows={"tcp SYN_SENT": steady(15), "tcp ESTABLISHED": steady(25)}))
for name, share, invalid in (("asymmetric", 30, 250), ("asymmetric_few", 12, 60)):
  situation(name, f"a router sees one direction only: {share} % SYN_SENT, {invalid} INVALID packets a second", "2h",
    Host(usage=steady(50), flows={"tcp SYN_SENT": ramp(0, share, "30m", "32m"), "tcp ESTABLISHED": steady(5)},
    invalid=rate(invalid, "30m")),
    "AsymmetricRouting warning by 41m past 1h59m")
situation("asymmetric_picked_up", "15 % of the table are TCP flows that were picked up in the middle", "1h",
  Host(usage=steady(50), flows={"tcp ESTABLISHED": steady(40)}, unreplied=steps(0, "30m", 15)),
  "AsymmetricRouting warning by 41m past 59m")
situation("icmp_flood", "an ICMP flood fills the table", "1h15m",
  Host(usage=steps(30, "30m", 100, "1h", 30), full=rate(500, "30m", "1h"), flows={**TCP, "icmp REPLIED": steps(0, "30m", 80, "1h",
  0)}),
  "TableFull critical by 33m", "may TableFull warning told 1", "ProtocolFlood warning protocol=icmp by 41m",
  "may TableUtilisationHigh warning")
situation("udp_scan", "a scan by UDP", "1h", Host(usage=steady(50), flows={**TCP, "udp UNREPLIED": steps(2, "30m", 25)}),
  "ProtocolFlood warning protocol=udp by 46m past 59m")
situation("dns_server", "60 % are REPLIED UDP", "1h",
  Host(usage=steady(75), flows={"tcp ESTABLISHED": steady(10), "udp REPLIED": steady(60), "udp UNREPLIED": steady(5)}))
situation("web_server", "70 % are in TIME_WAIT", "1h", Host(usage=steady(75), flows={"tcp TIME_WAIT": steady(70),
  "tcp ESTABLISHED": steady(5)}))
situation("hover_snat_80", "80 % +- 1 of the SNAT ports, each level for 20 minutes", "6h", Host(snat=hover(80, 1, "20m")),
  "SnatPortsRunningOut warning", evaluation=HOURS)
situation("hover_snat_98", "98 % +- 1 of the SNAT ports, each level for 20 minutes", "6h", Host(snat=hover(98, 1, "20m")),
  "SnatPortsRunningOut critical", "may SnatPortsRunningOut warning told 1", evaluation=HOURS)
situation("snat_96", "96 % of the SNAT ports for hours", "2h", Host(snat=steps(50, "30m", 96)),
  "SnatPortsRunningOut warning by 37m past 1h59m")
situation("hover_source", "25 % +- 1 are of one source, each level for 20 minutes", "6h", Host(sources={"192.0.2.9": hover(25, 1,
  "20m")}),
  "SourceHoldsLargeShare warning", evaluation=HOURS)
situation("other_sources", "60 % are of sources without a series of their own", "1h", Host(sources={"other": steady(60),
  "192.0.2.9": steady(5)}))
situation("hover_syn", "10 % +- 1 are half open, each level for 20 minutes", "6h",
  Host(flows={"tcp SYN_SENT": hover(10, 1, "20m"), "tcp ESTABLISHED": steady(5)}), "SynFlood warning", evaluation=HOURS)
situation("hover_leak", "20 % +- 1 in CLOSE_WAIT, each level for 20 minutes", "6h",
  Host(usage=steady(50), flows={"tcp CLOSE_WAIT": hover(20, 1, "20m"), "tcp ESTABLISHED": steady(25)}), "StateLeak warning",
  evaluation=HOURS)
situation("invalid_from_start", "30 INVALID packets a second from the start", "6h", Host(invalid=rate(30)),
  "no InvalidPacketsHigh info", evaluation=HOURS)
situation("invalid_rises", "INVALID packets become ten times as many", "6h", Host(invalid=rate(5) + rate(50, "4h")),
  "InvalidPacketsHigh info by 4h25m", evaluation=HOURS)

# Settings
situation("module_not_loaded", "the module is not loaded, and seven settings drift", "1h", Host(present=False, drifts=7))
situation("drift", "seven settings drift", "1h", Host(drifts=7), "SettingsNotPersistent warning by 17m past 59m")
