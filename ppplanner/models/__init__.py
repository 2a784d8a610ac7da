"""All models of the core, one file per thing."""

from ppplanner.models.audit import Change
from ppplanner.models.base import Base
from ppplanner.models.contract import (
    Contract,
    ContractStatus,
    Handover,
    HandoverKind,
    LineKind,
    PriceBasis,
    PriceLine,
)
from ppplanner.models.customer import Customer, CustomerKind, CustomerStatus
from ppplanner.models.invoice import (
    DocumentState,
    Invoice,
    InvoiceDocument,
    InvoiceKind,
    InvoiceLine,
    NumberSeries,
    PaymentState,
    VatTotal,
)
from ppplanner.models.ledger import CostCarrier, CostCentre, GLAccount, VatCode
from ppplanner.models.organisation import BusinessUnit, Company, CompanyGroup, Pool
from ppplanner.models.planning import BoardStep, CalendarFeed
from ppplanner.models.rate import (
    CatalogueItem,
    ItemKind,
    LineRole,
    PriceLineType,
    PriceRange,
    Rate,
    RateType,
)
from ppplanner.models.resource import Resource, ResourceType
from ppplanner.models.setting import Setting
from ppplanner.models.user import Role, RoleGrant, User
from ppplanner.models.workspace import ListLayout, SavedView, Upload

__all__ = [
    "Base",
    "BoardStep",
    "BusinessUnit",
    "CalendarFeed",
    "CatalogueItem",
    "Change",
    "Company",
    "CompanyGroup",
    "Contract",
    "ContractStatus",
    "CostCarrier",
    "CostCentre",
    "Customer",
    "CustomerKind",
    "CustomerStatus",
    "DocumentState",
    "GLAccount",
    "Handover",
    "HandoverKind",
    "Invoice",
    "InvoiceDocument",
    "InvoiceKind",
    "InvoiceLine",
    "ItemKind",
    "LineKind",
    "LineRole",
    "ListLayout",
    "NumberSeries",
    "PaymentState",
    "Pool",
    "PriceBasis",
    "PriceLine",
    "PriceLineType",
    "PriceRange",
    "Rate",
    "RateType",
    "Resource",
    "ResourceType",
    "Role",
    "RoleGrant",
    "SavedView",
    "Setting",
    "Upload",
    "User",
    "VatCode",
    "VatTotal",
]
