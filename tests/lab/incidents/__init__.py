"""The incidents of the laboratory, in the order in which the drill provokes them."""

from incident import Incident

from .exporter_killed import ExporterKilled
from .table_full import TableFull

ALL: tuple[Incident, ...] = (
    TableFull(),
    ExporterKilled(),
)
