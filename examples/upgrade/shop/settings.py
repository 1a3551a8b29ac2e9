import os

CELERY_BROKER_URL = os.environ["BROKER_URL"]
CELERY_RESULT_BACKEND = os.environ.get("RESULTS_URL", "redis://localhost:6379/1")
CELERY_TASK_RESULT_EXPIRES = 600
