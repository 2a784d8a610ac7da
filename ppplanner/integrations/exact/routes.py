"""Exact's own pages: setting up, the search dialog, forwarding, what needs a person."""

from __future__ import annotations

import secrets
from uuid import UUID

from flask import Blueprint, Response, abort, flash, redirect, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user
from sqlalchemy import select
from wtforms import SelectField

from ppplanner.blueprints.customers.chosen import chosen, field_to_fill
from ppplanner.blueprints.faults import attempt
from ppplanner.blueprints.htmx import finish, go_to, render_form, render_page
from ppplanner.errors import DomainError, NotFound
from ppplanner.extensions import db
from ppplanner.i18n import _, ngettext
from ppplanner.models import Company, CustomerKind, Invoice, VatCode
from ppplanner.permissions import require

from . import forwarding, linking, views
from .connect import connection_for, connection_of, get_connection, open_client
from .errors import ExactError
from .forms import OTHER, AppForm, MappingForm, SwitchesForm, mapping_form
from .hosts import SITES
from .models import ExactConnection, ExactListItem
from .records import Account, Administration
from .settings import ExactSettings, exact_settings
from .sync import customers as customer_sync
from .sync import lists

bp = Blueprint("exact", __name__, url_prefix="/exact", template_folder="templates")

HITS = 60


# --- setting up -------------------------------------------------------------------------------


@bp.get("/")
@require("exact.view")
def settings() -> ResponseReturnValue:
    """The settings of the first company, or of the one of the chosen business unit."""
    company = _company_at_screen()
    return redirect(url_for(".company", company_id=company.id))


@bp.get("/companies/<int:company_id>")
@require("exact.view")
def company(company_id: int) -> Response:
    connection = connection_of(company_id)
    return render_page(
        "exact/settings.html",
        "content",
        company=_get_company(company_id),
        companies=_companies(),
        connection=connection,
        settings=exact_settings.load(company_id),
        mapping=_mapping_state(connection),
    )


@bp.route("/companies/<int:company_id>/app", methods=["GET", "POST"])
@require("exact.configure")
def app(company_id: int) -> ResponseReturnValue:
    of, connection = _get_company(company_id), connection_of(company_id)
    form = AppForm(data=_app_values(connection))
    if form.validate_on_submit():
        saved = attempt(
            form,
            lambda: linking.save_app(
                of,
                base_url=form.base_url,
                client_id=form.client_id.data or "",
                client_secret=form.client_secret.data or "",
            ),
        )
        if saved:
            return go_to(
                url_for(".company", company_id=company_id), _("Saved. Now log in with Exact.")
            )
        _faults_of_address(form)
    return render_form("exact/app.html", form, "dialog", company=of, redirect_uri=_redirect_uri())


@bp.get("/connections/<int:connection_id>/login")
@require("exact.configure")
def login(connection_id: int) -> ResponseReturnValue:
    """Send the person to Exact to let us in."""
    connection = get_connection(connection_id)
    state = secrets.token_urlsafe(24)
    session["exact_consent"] = {"connection_id": connection_id, "state": state}
    return redirect(linking.consent_address(connection, _redirect_uri(), state))


@bp.get("/callback")
@require("exact.configure")
def callback() -> ResponseReturnValue:
    """Exact sends the person back here, with a code or with a refusal."""
    asked = session.pop("exact_consent", None)
    if asked is None:
        flash(_("This login was not started here, or took too long. Start it once more."), "error")
        return redirect(url_for(".settings"))
    connection = get_connection(asked["connection_id"])
    company_id = connection.company_id
    try:
        linking.finish_consent(connection, _redirect_uri(), request.args, asked["state"])
    except ExactError as error:
        _flash_trouble(error)
        return redirect(url_for(".company", company_id=company_id))
    if get_connection(asked["connection_id"]).division:
        flash(_("Logged in with Exact again; what waits goes on."), "success")
        return redirect(url_for(".company", company_id=company_id))
    return redirect(url_for(".administration", connection_id=asked["connection_id"]))


@bp.route("/connections/<int:connection_id>/administration", methods=["GET", "POST"])
@require("exact.configure")
def administration(connection_id: int) -> ResponseReturnValue:
    connection = get_connection(connection_id)
    company_id = connection.company_id
    try:
        choices = linking.administrations(connection)
        if request.method == "POST":
            picked = _picked(choices, request.form.get("division", ""))
            if picked is None:
                return _administration_page(connection_id, choices, _("Choose an administration."))
            linking.choose_administration(get_connection(connection_id), picked)
            return go_to(
                url_for(".company", company_id=company_id), _("The administration is chosen.")
            )
    except ExactError as error:
        _flash_trouble(error)
        return go_to(url_for(".company", company_id=company_id))
    return _administration_page(connection_id, choices)


def _picked(choices: list[Administration], division: str) -> Administration | None:
    return next((one for one in choices if str(one.division) == division), None)


def _administration_page(
    connection_id: int, choices: list[Administration], problem: str = ""
) -> Response:
    return render_page(
        "exact/administration.html",
        "content",
        422 if problem else 200,
        connection=get_connection(connection_id),
        choices=choices,
        problem=problem,
    )


@bp.post("/connections/<int:connection_id>/refresh")
@require("exact.configure")
def refresh(connection_id: int) -> ResponseReturnValue:
    """Fetch the lists from Exact anew."""
    connection = get_connection(connection_id)
    company_id = connection.company_id
    try:
        linking.refresh_lists(connection)
    except ExactError as error:
        _flash_trouble(error)
    else:
        flash(_("The lists are fresh from Exact."), "success")
    return go_to(url_for(".company", company_id=company_id))


@bp.post("/connections/<int:connection_id>/disconnect")
@require("exact.configure")
def disconnect(connection_id: int) -> ResponseReturnValue:
    connection = get_connection(connection_id)
    linking.disconnect(connection)
    db.session.commit()
    message = _("The login is forgotten. What waits is kept until somebody logs in again.")
    return go_to(url_for(".company", company_id=connection.company_id), message)


@bp.route("/companies/<int:company_id>/switches", methods=["GET", "POST"])
@require("exact.configure")
def switches(company_id: int) -> ResponseReturnValue:
    of = _get_company(company_id)
    form = SwitchesForm(data=exact_settings.load(company_id).__dict__)
    if form.validate_on_submit():
        values = {name: form[name].data for name in ExactSettings.__dataclass_fields__}
        linking.save_settings(of, connection_of(company_id), ExactSettings(**values))
        db.session.commit()
        return finish(url_for(".company", company_id=company_id), _("Saved; it holds from now on."))
    return render_form("exact/switches.html", form, "dialog", company=of)


@bp.route("/connections/<int:connection_id>/mapping", methods=["GET", "POST"])
@require("exact.configure")
def mapping(connection_id: int) -> ResponseReturnValue:
    """Pick the sales journal and the counterparts of our VAT codes and GL accounts."""
    connection = get_connection(connection_id)
    fields, values = _mapping_fields(connection)
    journals = [
        (item.code, f"{item.code} {item.name}") for item in lists.sales_journals(connection)
    ]
    form = mapping_form(journals, fields, sales_journal=connection.sales_journal, **values)
    if form.validate_on_submit():
        _save_mapping(connection, form)
        db.session.commit()
        message = _("Saved. Invoices that were refused for this can be forwarded again.")
        return finish(url_for(".company", company_id=connection.company_id), message)
    groups = {
        "vat": [form[name] for name in fields if name.startswith("vat_")],
        "gl": [form[name] for name in fields if name.startswith("gl_")],
    }
    return render_form("exact/mapping.html", form, "dialog", connection=connection, groups=groups)


def _mapping_fields(connection: ExactConnection) -> tuple[dict[str, SelectField], dict[str, str]]:
    revenue = lists.revenue_accounts(connection)
    fields: dict[str, SelectField] = {}
    for vat_code in _vat_codes():
        items = lists.vat_choices(connection, vat_code.percentage)
        fields[f"vat_{vat_code.id}"] = _select(str(vat_code), items)
    for account in lists.gl_accounts_of(connection):
        label = f"{account.business_unit.code} · {account}"
        fields[f"gl_{account.id}"] = _select(label, revenue)
    values = {f"vat_{link.vat_code_id}": link.code for link in lists.vat_links(connection)}
    values |= {f"gl_{link.gl_account_id}": link.code for link in lists.gl_links(connection)}
    return fields, values


def _select(label: str, items: list[ExactListItem]) -> SelectField:
    choices = [("", "–"), *((item.code, f"{item.code} {item.name}") for item in items)]
    return SelectField(label, choices=choices)


def _save_mapping(connection: ExactConnection, form: MappingForm) -> None:
    connection.sales_journal = form["sales_journal"].data
    for vat_code in _vat_codes():
        items = {item.code: item for item in lists.vat_choices(connection, vat_code.percentage)}
        lists.map_vat_code(connection, vat_code, items.get(form[f"vat_{vat_code.id}"].data))
    revenue = {item.code: item for item in lists.revenue_accounts(connection)}
    for account in lists.gl_accounts_of(connection):
        lists.map_gl_account(connection, account, revenue.get(form[f"gl_{account.id}"].data))


def _vat_codes() -> list[VatCode]:
    query = select(VatCode).filter_by(active=True).order_by(VatCode.code)
    return list(db.session.scalars(query))


def _mapping_state(connection: ExactConnection | None) -> dict[str, int] | None:
    """How much is mapped, for the settings page."""
    if connection is None or connection.division is None:
        return None
    return {
        "vat": len(lists.vat_links(connection)),
        "vat_all": len(_vat_codes()),
        "gl": len(lists.gl_links(connection)),
        "gl_all": len(lists.gl_accounts_of(connection)),
    }


# --- customers --------------------------------------------------------------------------------


@bp.get("/customers/search")
@require("exact.search")
def search() -> Response:
    """Look in Exact while somebody adds a customer; `kind` says what a hit will become."""
    kind = _kind()
    text = request.args.get("q", "").strip()[:100]
    hits, known, trouble = _search(text) if text else ([], {}, "")
    fragment = "hits" if "q" in request.args else "dialog"
    return render_page(
        "exact/search.html",
        fragment,
        kind=kind,
        q=text,
        hits=hits,
        known=known,
        trouble=trouble,
        field=field_to_fill(),
    )


def _search(text: str) -> tuple[list[Account], dict[UUID, object], str]:
    connection_id = _search_connection().id
    try:
        client = open_client(connection_id, "person")
        hits = [hit for hit, _n in zip(client.search_accounts(text), range(HITS), strict=False)]
    except ExactError as error:
        return [], {}, " ".join(map(str, error.messages))
    known = customer_sync.linked_customers(connection_id, [hit.id for hit in hits])
    return hits, dict(known), ""


@bp.post("/customers/import")
@require("exact.search")
def import_customer() -> ResponseReturnValue:
    """Import a hit, or open the record of a customer who is known already (mission S13, S16)."""
    kind, connection_id = _kind(), _search_connection().id
    account_id = _account_id()
    try:
        account = customer_sync.find_account(open_client(connection_id, "person"), account_id)
    except ExactError as error:
        raise DomainError(" ".join(map(str, error.messages))) from error
    imported = customer_sync.import_account(get_connection(connection_id), account, kind)
    return chosen(imported.customer, _import_message(imported), request.form.get("field", ""))


def _import_message(imported: customer_sync.Imported) -> str:
    name = imported.customer.full_name
    messages = {
        None: _("%(name)s is imported from Exact.", name=name),
        "link": _("%(name)s was imported before: here is the record.", name=name),
        "vat_number": _(
            "%(name)s is known here by this VAT number: here is the record.", name=name
        ),
        "search_code": _("%(name)s came from here: this is the record.", name=name),
        "email": _("%(name)s is known here by this e-mail address: here is the record.", name=name),
        "name": _(
            "%(name)s is known here by this name and postcode: here is the record. "
            "It was not linked with Exact, as that may be somebody else.",
            name=name,
        ),
    }
    return messages[imported.known_by]


def _kind() -> CustomerKind:
    try:
        return CustomerKind(request.values.get("kind", ""))
    except ValueError:
        abort(404)


def _account_id() -> UUID:
    try:
        return UUID(request.form.get("account_id", ""))
    except ValueError:
        abort(404)


def _search_connection() -> ExactConnection:
    connection = connection_for(current_user)
    if connection is None or not views.search_offered(connection):
        raise DomainError(
            _("Searching in Exact is switched off, or nobody is logged in with Exact.")
        )
    return connection


# --- invoices ---------------------------------------------------------------------------------


@bp.post("/invoices/forward")
@require("exact.forward")
def forward() -> ResponseReturnValue:
    """First what will happen; then, with `confirmed`, on the way."""
    ids = request.form.getlist("ids", type=int)[:1000]
    if "confirmed" not in request.form:
        return render_page("exact/forward.html", "dialog", ids=ids, preview=forwarding.preview(ids))
    count = forwarding.forward(ids, by=current_user.name)
    db.session.commit()
    message = ngettext(
        "%(num)s invoice is on its way to Exact.",
        "%(num)s invoices are on their way to Exact.",
        count,
    )
    return finish(url_for("invoices.index"), message)


@bp.get("/invoices/<int:invoice_id>")
@require("exact.view")
def invoice(invoice_id: int) -> str:
    """The tile of an invoice, which asks for itself while something moves."""
    found = db.session.get(Invoice, invoice_id)
    if found is None:
        raise NotFound(_("There is no such invoice (any more)."))
    return views.render_invoice_tile(found)


# --- what the routes share --------------------------------------------------------------------


def _companies() -> list[Company]:
    return list(db.session.scalars(select(Company).order_by(Company.name)))


def _company_at_screen() -> Company:
    if current_user.business_unit:
        return current_user.business_unit.company  # type: ignore[no-any-return]
    companies = _companies()
    if not companies:
        raise DomainError(_("Add a company first, under Settings."))
    return companies[0]


def _get_company(company_id: int) -> Company:
    found = db.session.get(Company, company_id)
    if found is None:
        raise NotFound(_("There is no such company (any more)."))
    return found


def _redirect_uri() -> str:
    """Where Exact sends people back to: it has to be registered with the app, letter by letter."""
    return url_for("exact.callback", _external=True)


def _app_values(connection: ExactConnection | None) -> dict[str, str]:
    if connection is None:
        return {"site": SITES[0].url}
    own = connection.base_url in {site.url for site in SITES}
    return {
        "site": connection.base_url if own else OTHER,
        "test_server": "" if own else connection.base_url,
        "client_id": connection.client_id,
    }


def _faults_of_address(form: AppForm) -> None:
    """The address is two fields on the form: show what is wrong with it at the one in use."""
    problems = [str(error) for error in form.form_errors]
    if problems and form.site.data == OTHER and "test_server" in form:
        form.test_server.errors = [*form.test_server.errors, *problems]
        form.form_errors.clear()


def _flash_trouble(error: ExactError) -> None:
    for message in error.messages:
        flash(str(message), "error")
    for words in getattr(error, "texts", ()):
        flash(_("Exact's own words: %(words)s", words=words), "error")
