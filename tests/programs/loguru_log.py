"""Every level of loguru, and an exception with its variables."""

from loguru import logger

logger.trace("not shown by default")
logger.debug("connecting to {}", "db:5432")
logger.info("no errors found")
logger.success("saved 3 rows")
logger.warning("slow query")
logger.error("query failed")
logger.critical("giving up")


def divide(a, b):
    return a / b


try:
    divide(1, 0)
except ZeroDivisionError:
    logger.exception("in the last step")
logger.info("after it")
