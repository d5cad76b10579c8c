"""Alerts of a running service: a limit that closes is told by mail, once by all of its workers."""

import time
from pathlib import Path

from saycode.alerts.job import LOOK_SECONDS
from tests.support.alert_receivers import mail_server
from tests.support.processes import PATIENCE, deploy


def test_a_limit_that_closes_is_one_mail_of_two_workers(tmp_path: Path) -> None:
    number = "+14155552601"
    with (
        mail_server() as mail,
        deploy(
            tmp_path,
            workers=2,
            SAYCODE_LIMITS="enforce",
            SAYCODE_LIMIT_TOTAL="1/1h",
            SAYCODE_ALERT_URLS=mail.url,
        ) as deployment,
    ):
        assert deployment.command("alerts") == "No alert is open.\n"
        started = deployment.browser()
        started.open()
        started.post("/start", username="ada.lovelace", phone=number, channel="sms")
        until = time.monotonic() + LOOK_SECONDS + PATIENCE
        while not mail.mails and time.monotonic() < until:
            time.sleep(0.1)
        assert mail.subjects == ["127.0.0.1: All calls and texts are refused"]
        time.sleep(LOOK_SECONDS + 1)  # each worker has looked
        assert len(mail.mails) == 1
        told = str(mail.mails[0])
        assert number[-7:] not in told
        assert "lovelace" not in told
        assert "All calls and texts are refused. SAYCODE_LIMIT_TOTAL allows 1/1h." in deployment.command("alerts")
        for log in deployment.logs:
            assert mail.url.removeprefix("mailto://") not in log.read_text()
