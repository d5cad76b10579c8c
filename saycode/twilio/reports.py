"""What Twilio's records of calls and texts say about our deliveries."""

from typing import Any

from verification.models import Delivery
from verification.ports import DeliveryReport, Rejected
from verification.types import Channel

#: Seconds: the clocks may differ by so much, a start takes so long at most (it is sent until `plan_lifetime`, and
#: Twilio has ten to answer), and a record further away than the last is certainly another start.
_MAX_CLOCK_SKEW, _MAX_START_SECONDS, _MATCH_WINDOW = 5, 40, 300
_STARTED = "outbound-api"


def match_delivery(records: list[Any], delivery: Delivery) -> DeliveryReport | Rejected | None:
    """The record of a start whose answer was unclear; None when several records could be it.

    A text that answers one of the person's, such as STOP, goes to the same number and is no start.
    """
    ages = [
        (record, record.date_created.timestamp() - delivery.created_at)
        for record in records
        if record.date_created and record.direction in (None, _STARTED)
    ]
    near = [(record, age) for record, age in ages if abs(age) <= _MATCH_WINDOW]
    matching = [record for record, age in near if -_MAX_CLOCK_SKEW <= age <= _MAX_START_SECONDS]
    if len(near) == len(matching) == 1:
        return parse_report(matching[0], delivery.channel)
    return None if near else Rejected(permanent=False, code=None)


def parse_report(record: Any, channel: Channel) -> DeliveryReport | None:
    status = channel.statuses.get(str(record.status))
    return DeliveryReport(record.sid, status, getattr(record, "error_code", None)) if status else None
