"""A training loop: numpy and logging."""

import logging
import warnings

import numpy as np

logging.basicConfig(level=logging.DEBUG, format="%(asctime)s [%(levelname)s] %(name)s: %(message)s")
log = logging.getLogger("train")
source = np.random.default_rng(7)
x = source.normal(size=(200, 3))
y = x @ np.array([1.0, -2.0, 0.5]) + source.normal(scale=0.1, size=200)
weights = np.zeros(3)
log.info("%d samples, %d features, numpy %s", *x.shape, np.__version__)
for epoch in range(1, 21):
    error = x @ weights - y
    loss = float((error**2).mean())
    weights -= 0.2 * x.T @ error / len(x)
    log.debug("gradient step %d", epoch)
    print(f"Epoch {epoch}/20 - loss: {loss:.4f} - errors: 0")
    if epoch == 10:
        log.warning("learning rate 0.2 is high for an error of %.4f", loss)
np.array([1.0, 0.0]) / np.array([0.0, 0.0])
warnings.warn("the model was not saved", stacklevel=1)
log.error("could not write weights.npz: [Errno 28] No space left on device")
print("weights:\n", weights.reshape(3, 1))
