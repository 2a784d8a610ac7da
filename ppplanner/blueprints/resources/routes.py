from flask import Blueprint, render_template

from ppplanner.permissions import open_to_all

bp = Blueprint("resources", __name__, url_prefix="/resources")


@bp.get("/")
@open_to_all
def index() -> str:
    return render_template("base.html")
