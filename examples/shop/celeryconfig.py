broker_url = "amqp://"
result_backend = "redis://:n0t-A-real-password@cache.internal:6379/1"
accept_content = "json"
result_expires = None
redis_socket_timout = 30
