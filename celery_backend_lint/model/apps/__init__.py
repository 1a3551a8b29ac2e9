"""From creations of apps to their settings: what is done to each, in order, and what Celery makes of it."""
