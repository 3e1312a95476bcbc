"""The incidents of the laboratory, in the order in which the drill provokes them."""

from incident import Incident

from .capability_lost import CapabilityLost
from .changed_settings import Drift, LimitLowered
from .clash import Clash
from .close_wait_leak import CloseWaitLeak
from .early_drops import EarlyDrops
from .expectations import Expectations
from .exporter_absent import ExporterAbsent
from .exporter_killed import ExporterKilled
from .few_buckets import ChainsTooLong, HashOverloaded
from .greedy_source import GreedySource
from .invalid_packets import InvalidPackets
from .nearly_full import FillingUp, HardFull, UtilisationCritical, UtilisationWarning
from .old_sample import OldSample
from .other_namespace import OtherNamespace
from .packets_refused import PacketsRefused
from .small_limit import SmallLimit
from .snat_exhaustion import SnatExhaustion, SnatRunningOut
from .syn_flood import SynFlood
from .table_full import TableFull

ALL: tuple[Incident, ...] = (
    TableFull(),
    SynFlood(),
    Clash(),
    InvalidPackets(),  # before any that drops entries of open connections, which makes invalid packets too
    ChainsTooLong(),
    HashOverloaded(),
    CloseWaitLeak(),
    GreedySource(),
    SnatExhaustion(),
    SnatRunningOut(),
    LimitLowered(),
    Drift(),
    CapabilityLost(),
    ExporterKilled(),
    ExporterAbsent(),
    FillingUp(),
    HardFull(),
    UtilisationWarning(),
    UtilisationCritical(),
    EarlyDrops(),
    Expectations(),
    OtherNamespace(),
    OldSample(),
    SmallLimit(),
    PacketsRefused(),
)
