"""Three nested bars of tqdm, and lines that are printed through them."""

import time

from tqdm import tqdm

for epoch in tqdm(range(3), desc="epochs"):
    for _ in tqdm(range(2), desc="parts", leave=False):
        for _ in tqdm(range(15), desc="batches", leave=False):
            time.sleep(0.01)
    tqdm.write(f"epoch {epoch}: loss {1 / (epoch + 1):.3f}")
