"""Invoice runs: what is to be invoiced, calculated, looked over, picked and made."""

from flask import Blueprint

bp = Blueprint("invoice_runs", __name__, url_prefix="/invoices/runs")
