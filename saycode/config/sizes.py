"""The limits of each size: what `SAYCODE_SIZE` stands for. `make simulate-limits` shows what they do."""

from collections.abc import Mapping
from enum import StrEnum


class Size(StrEnum):
    """How many starts an hour an installation has at its busiest: up to 100, up to 1,000, up to 10,000."""

    SMALL = "small"
    MEDIUM = "medium"
    LARGE = "large"


DEFAULT_SIZE = Size.MEDIUM

SIZES: Mapping[Size, Mapping[str, str]] = {
    Size.SMALL: {
        "SAYCODE_LIMIT_SOURCE": "25/5m",
        "SAYCODE_LIMIT_PREFIX": "60/1h,240/1d",
        "SAYCODE_LIMIT_COUNTRY": "500/1h,3000/1d",
        "SAYCODE_LIMIT_SERVICE": "500/1h,3000/1d",
        "SAYCODE_LIMIT_TOTAL": "600/1h,4000/1d",
        "SAYCODE_LIMIT_NEIGHBORS": "10/1h,20/1d",
        "SAYCODE_UNCONFIRMED_SOURCE": "12/125%/1h,40/125%/1d",
        "SAYCODE_UNCONFIRMED_PREFIX": "20/125%/1h,40/125%/1d",
        "SAYCODE_UNCONFIRMED_COUNTRY": "100/125%/1h,200/125%/1d",
        "SAYCODE_MINUTES_PER_DAY": "2000",
    },
    Size.MEDIUM: {
        "SAYCODE_LIMIT_SOURCE": "25/5m",
        "SAYCODE_LIMIT_PREFIX": "150/1h,800/1d",
        "SAYCODE_LIMIT_COUNTRY": "3000/1h,30000/1d",
        "SAYCODE_LIMIT_SERVICE": "3000/1h,30000/1d",
        "SAYCODE_LIMIT_TOTAL": "4000/1h,40000/1d",
        "SAYCODE_LIMIT_NEIGHBORS": "10/1h,20/1d",
        "SAYCODE_UNCONFIRMED_SOURCE": "15/125%/1h,60/125%/1d",
        "SAYCODE_UNCONFIRMED_PREFIX": "30/125%/1h,60/125%/1d",
        "SAYCODE_UNCONFIRMED_COUNTRY": "300/125%/1h,600/125%/1d",
        "SAYCODE_MINUTES_PER_DAY": "20000",
    },
    Size.LARGE: {
        "SAYCODE_LIMIT_SOURCE": "50/5m",
        "SAYCODE_LIMIT_PREFIX": "600/1h,4000/1d",
        "SAYCODE_LIMIT_COUNTRY": "30000/1h,300000/1d",
        "SAYCODE_LIMIT_SERVICE": "30000/1h,300000/1d",
        "SAYCODE_LIMIT_TOTAL": "40000/1h,400000/1d",
        "SAYCODE_LIMIT_NEIGHBORS": "10/1h,20/1d",
        "SAYCODE_UNCONFIRMED_SOURCE": "30/125%/1h,120/125%/1d",
        "SAYCODE_UNCONFIRMED_PREFIX": "60/125%/1h,120/125%/1d",
        "SAYCODE_UNCONFIRMED_COUNTRY": "1500/125%/1h,3000/125%/1d",
        "SAYCODE_MINUTES_PER_DAY": "200000",
    },
}
