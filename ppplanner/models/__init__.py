"""All models of the core, one file per thing."""

from ppplanner.models.audit import Change
from ppplanner.models.base import Base
from ppplanner.models.contract import Contract, ContractStatus, LineKind, PriceLine
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
from ppplanner.models.rate import Rate
from ppplanner.models.resource import Resource, ResourceType
from ppplanner.models.setting import Setting
from ppplanner.models.user import Role, User

__all__ = [
    "Base",
    "BusinessUnit",
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
    "Invoice",
    "InvoiceDocument",
    "InvoiceKind",
    "InvoiceLine",
    "LineKind",
    "NumberSeries",
    "PaymentState",
    "Pool",
    "PriceLine",
    "Rate",
    "Resource",
    "ResourceType",
    "Role",
    "Setting",
    "User",
    "VatCode",
    "VatTotal",
]
