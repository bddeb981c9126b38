"""One bar of tqdm."""

import time

from tqdm import tqdm

for _ in tqdm(range(40), desc="train", unit="batch"):
    time.sleep(0.02)
