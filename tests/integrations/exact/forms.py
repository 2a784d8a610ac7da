"""What a form of the link holds when it is opened: a test sends it back with its changes."""

from __future__ import annotations

from ppplanner.integrations.exact.models import ExactConnection
from ppplanner.integrations.exact.sync import lists


def mapping_form(connection: ExactConnection, **changes: str) -> dict[str, str]:
    vat = {f"vat_{link.vat_code_id}": link.code for link in lists.vat_links(connection)}
    accounts = {f"gl_{link.gl_account_id}": link.code for link in lists.gl_links(connection)}
    return {"sales_journal": connection.sales_journal, **vat, **accounts, **changes}
