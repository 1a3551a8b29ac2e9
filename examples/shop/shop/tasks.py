from celery import Celery

app = Celery("shop")
app.config_from_object("celeryconfig")


@app.task
def price(articles):
    return sum(article["price"] for article in articles)
