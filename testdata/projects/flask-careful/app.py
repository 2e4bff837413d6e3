from flask import Flask

app = Flask(__name__)


@app.route("/")
def index():
    return "The kettle is on.\n"
