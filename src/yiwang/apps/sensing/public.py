"""The door of sensing: devices send, the platform keeps, alerts become incidents."""

from yiwang.apps.jobs import public as jobs
from yiwang.apps.sensing.actions.brokering import BrokerFiles, broker_files
from yiwang.apps.sensing.actions.describing import (
    ThingFromRegister,
    ThingNotYours,
    change_entity,
    change_point,
    change_thing,
    describe_entity,
    describe_point,
    describe_thing,
    issue_things_key,
    remove_entity,
    remove_thing,
)
from yiwang.apps.sensing.actions.drilling import (
    SPEEDS,
    DrillEmpty,
    DrillOver,
    answer_drill,
    begin_drill,
    begin_recorded_drill,
    end_drill,
    try_course,
    try_recorded,
)
from yiwang.apps.sensing.actions.installing import (
    DeviceNotRecognized,
    DeviceUnknown,
    device_of,
    install,
    issue_token,
    issue_wire_passwords,
    retire_device,
)
from yiwang.apps.sensing.actions.maintaining import (
    MaintenanceMalformed,
    MaintenanceUnknown,
    end_maintenance,
    plan_maintenance,
)
from yiwang.apps.sensing.actions.settling import settle
from yiwang.apps.sensing.actions.taking_in import Intake, intake
from yiwang.apps.sensing.actions.watching import watch_clock
from yiwang.apps.sensing.broker import BrokerIntake, BrokerSilent
from yiwang.apps.sensing.drill_score import DrillScore
from yiwang.apps.sensing.events import EVENTS
from yiwang.apps.sensing.field import FieldServer, PortTaken
from yiwang.apps.sensing.instants import micros
from yiwang.apps.sensing.intake import REASONS, Message, Sample
from yiwang.apps.sensing.protocols import hj212, sl651
from yiwang.apps.sensing.queries.device_maps import DeviceCircle, DeviceMap, device_map
from yiwang.apps.sensing.queries.devices import (
    AlertView,
    DeviceView,
    MaintenanceView,
    PointView,
    QuarantinedView,
    alerts,
    count_devices,
    count_silent_devices,
    device,
    device_page,
    devices,
    maintenance,
    quarantined,
)
from yiwang.apps.sensing.queries.drills import (
    DrillIncidentView,
    DrillUnknown,
    DrillView,
    drill,
    drills,
)
from yiwang.apps.sensing.queries.history import (
    MeanView,
    ReadingView,
    count_readings,
    hourly_means,
    readings,
)
from yiwang.apps.sensing.queries.published import published
from yiwang.apps.sensing.queries.things import (
    EntityRow,
    KeyView,
    ObservationRow,
    PointRow,
    ThingRow,
    count_observations,
    described_entities,
    key_of,
    observations,
    observed_since,
    organ_of_device,
    stream_of_point,
    things,
    things_version,
)
from yiwang.apps.sensing.secrecy import reader_account

RIGHTS = {
    "sensing.see": "查看设备、读数与预警",
    "sensing.manage": "管理设备、发放令牌、登记维护、查看被隔离的报文",
}
TIMETABLE = (jobs.Entry("sensing.settle", "读数归档到日文件", "every 1h", settle),)

__all__ = [
    "EVENTS",
    "REASONS",
    "RIGHTS",
    "SPEEDS",
    "TIMETABLE",
    "AlertView",
    "BrokerFiles",
    "BrokerIntake",
    "BrokerSilent",
    "DeviceCircle",
    "DeviceMap",
    "DeviceNotRecognized",
    "DeviceUnknown",
    "DeviceView",
    "DrillEmpty",
    "DrillIncidentView",
    "DrillOver",
    "DrillScore",
    "DrillUnknown",
    "DrillView",
    "EntityRow",
    "FieldServer",
    "Intake",
    "KeyView",
    "MaintenanceMalformed",
    "MaintenanceUnknown",
    "MaintenanceView",
    "MeanView",
    "Message",
    "ObservationRow",
    "PointRow",
    "PointView",
    "PortTaken",
    "QuarantinedView",
    "ReadingView",
    "Sample",
    "ThingFromRegister",
    "ThingNotYours",
    "ThingRow",
    "alerts",
    "answer_drill",
    "begin_drill",
    "begin_recorded_drill",
    "broker_files",
    "change_entity",
    "change_point",
    "change_thing",
    "count_devices",
    "count_observations",
    "count_readings",
    "count_silent_devices",
    "describe_entity",
    "describe_point",
    "describe_thing",
    "described_entities",
    "device",
    "device_map",
    "device_of",
    "device_page",
    "devices",
    "drill",
    "drills",
    "end_drill",
    "end_maintenance",
    "hj212",
    "hourly_means",
    "install",
    "intake",
    "issue_things_key",
    "issue_token",
    "issue_wire_passwords",
    "key_of",
    "maintenance",
    "micros",
    "observations",
    "observed_since",
    "organ_of_device",
    "plan_maintenance",
    "published",
    "quarantined",
    "reader_account",
    "readings",
    "remove_entity",
    "remove_thing",
    "retire_device",
    "settle",
    "sl651",
    "stream_of_point",
    "things",
    "things_version",
    "try_course",
    "try_recorded",
    "watch_clock",
]
