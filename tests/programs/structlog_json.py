"""JSON lines of structlog."""

import structlog

structlog.configure(
    processors=[
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso"),
        structlog.processors.dict_tracebacks,
        structlog.processors.JSONRenderer(),
    ]
)
log = structlog.get_logger()
log.info("started", workers=4)
log.debug("heartbeat", level_of_water=3)
log.warning("disk_low", free="3%")
log.error("request_failed", body='{"level": "info"}')
try:
    int("x")
except ValueError:
    log.exception("bad_number")
log.critical("stopped")
