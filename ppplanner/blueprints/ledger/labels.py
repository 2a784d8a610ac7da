"""What the values of the bookkeeper's lists are called."""

from __future__ import annotations

from collections.abc import Mapping

from ppplanner.addons.manifest import Text
from ppplanner.i18n import _l
from ppplanner.models import VatTreatment

VAT_TREATMENTS: Mapping[VatTreatment, Text] = {
    VatTreatment.DOMESTIC: _l("Within the country"),
    VatTreatment.INTRA_COMMUNITY: _l("Within the EU: the customer pays the VAT"),
    VatTreatment.EXPORT: _l("Outside the EU"),
    VatTreatment.EXEMPT: _l("Exempt"),
}
