"""The tables of the link with Exact. The core's tables do not know that they exist."""

from .branches import ExactBranch, ExactTypeAccount
from .calls import ExactCalls, ExactCountedError
from .connection import ConnectionState, ExactConnection
from .counterparts import (
    ExactCostLink,
    ExactCustomerLink,
    ExactGLAccountLink,
    ExactListItem,
    ExactVatLink,
    ListKind,
)
from .story import ExactAttempt, ExactPayment, ExactStep, StepState
from .work import ExactOutboxEntry, ExactRun, Kind, RunKind, WorkState

__all__ = [
    "ConnectionState",
    "ExactAttempt",
    "ExactBranch",
    "ExactCalls",
    "ExactConnection",
    "ExactCostLink",
    "ExactCountedError",
    "ExactCustomerLink",
    "ExactGLAccountLink",
    "ExactListItem",
    "ExactOutboxEntry",
    "ExactPayment",
    "ExactRun",
    "ExactStep",
    "ExactTypeAccount",
    "ExactVatLink",
    "Kind",
    "ListKind",
    "RunKind",
    "StepState",
    "WorkState",
]
