"""A typical training loop: nested bars of tqdm, and logging beside them."""

import logging
import time

from tqdm import tqdm

logging.basicConfig(level=logging.INFO, format="%(levelname)s: %(message)s")
log = logging.getLogger("train")

for epoch in tqdm(range(3), desc="epochs"):
    for step in tqdm(range(10), desc="steps", leave=False):
        time.sleep(0.02)
        if step == 5:
            log.info("epoch %d: half", epoch)
    log.warning("epoch %d: slow", epoch)
log.error("not saved")
