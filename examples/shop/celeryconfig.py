broker_url = "amqp://guest:guest@localhost:5672//"
result_backend = "rediss://:n0t-A-real-password@cache.internal:6379/1"
result_serializer = "pickle"
accept_content = "json"
result_expires = None
redis_socket_timout = 30
