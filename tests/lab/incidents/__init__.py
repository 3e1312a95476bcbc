"""The incidents of the laboratory, in the order in which the drill provokes them."""

from incident import Incident

from .asymmetric_routing import AsymmetricRequests, AsymmetricRouting
from .burst import Burst
from .capability_lost import CapabilityLost
from .changed_settings import Drift, LimitBelowCount, LimitLowered
from .clash import Clash
from .close_wait_leak import CloseWaitLeak
from .cloud_table_full import CloudTableFull
from .early_drops import EarlyDrops
from .expectations import Expectations
from .exporter_absent import ExporterAbsent
from .exporter_killed import ExporterKilled, ExporterKilledWhileFull
from .few_buckets import ChainsTooLong, HashOverloaded
from .greedy_source import GreedySource
from .healthy_day import HealthyDay
from .icmp_flood import IcmpFlood
from .invalid_packets import InvalidPackets
from .nearly_full import FillingUp, HardFull, UtilisationCritical, UtilisationWarning
from .old_sample import OldSample
from .other_namespace import KernelLog, NetnsTableFull
from .packets_refused import PacketsRefused
from .plateaus import Levelling, StandbyTakeOver
from .scrape_gap import ScrapeGap
from .small_limit import SmallLimit
from .snat_exhaustion import SnatExhaustion, SnatRunningOut
from .syn_flood import SynFlood
from .table_full import PrometheusRestarted, TableFull
from .vanished_clients import VanishedClients

HEALTHY = HealthyDay()

ALL: tuple[Incident, ...] = (
    TableFull(),
    Burst(),
    ScrapeGap(),
    PrometheusRestarted(),
    LimitBelowCount(),
    NetnsTableFull(),
    KernelLog(),
    Clash(),
    ChainsTooLong(),
    HashOverloaded(),
    SynFlood(),
    IcmpFlood(),
    AsymmetricRouting(),
    AsymmetricRequests(),
    InvalidPackets(),
    CloseWaitLeak(),
    GreedySource(),
    SnatExhaustion(),
    SnatRunningOut(),
    LimitLowered(),
    Drift(),
    CapabilityLost(),
    ExporterKilled(),
    ExporterKilledWhileFull(),
    ExporterAbsent(),
    FillingUp(),
    VanishedClients(),
    HardFull(),
    UtilisationWarning(),
    UtilisationCritical(),
    EarlyDrops(),
    Expectations(),
    OldSample(),
    SmallLimit(),
    PacketsRefused(),
    CloudTableFull(),
    StandbyTakeOver(),
    Levelling(),
    HEALTHY,
)
