"""Follow growing logs: notification, buffers, subscriptions."""
