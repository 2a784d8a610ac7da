"""The kinds that resources are sorted by."""

from __future__ import annotations

from ppplanner.errors import Invalid
from ppplanner.extensions import db
from ppplanner.i18n import _
from ppplanner.models import ResourceType
from ppplanner.services.doubles import refuse_double


def save_resource_type(*, name: str, resource_type: ResourceType | None = None) -> ResourceType:
    """Make a resource type, or change the one given. Raises Invalid. The caller commits."""
    name = name.strip()
    if not name:
        raise Invalid(name=_("Fill in a name."))
    resource_type = resource_type or ResourceType()
    refuse_double(resource_type, "name", name)
    resource_type.name = name
    db.session.add(resource_type)
    db.session.flush()
    return resource_type
