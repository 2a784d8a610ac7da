"""Every place of the core where an add-on can show something, with what it gets there.

This is a contract: a name here stays, and its context only grows. A new one comes together with its
first real user.

Contracts can be marked wherever they are shown small, on the planning board for example: see
`manifest.ContractMarks`. What goes on in the background is told in the top bar:
`manifest.RunningWork`.
"""

SLOTS = {
    "page.banner": "Across the top of every page: only what stops the whole, or soon will. No "
    "context.",
    "customer.add.choices": "In the choice of ways to add a customer. Context: kind, the only kind "
    "that fits, or None; purpose, 'customer' or 'driver'; field, the picker that waits for the "
    "answer (hand it on as ?field= and end with `customers.chosen.chosen`), or ''.",
    "customer.panel": "Tiles at the end of the customer page. Context: customer.",
    "invoice.actions": "In the header of the invoice page. A confirmed invoice leaves the "
    "place of the primary button to it. Context: invoice.",
    "invoice.panel": "Tiles at the end of the invoice page. Context: invoice.",
    "transaction.panel": "Tiles on the page of a transaction. Context: transaction.",
    "home.panel": "Tiles on the home page: what waits, what failed. No context.",
    "gl_account.actions": "Beside the title of the list of GL accounts. No context.",
    "cost_item.actions": "Beside the title of the lists of cost centres and cost carriers. "
    "Context: model, CostCentre or CostCarrier.",
    "cost_item.panel": "Below the form of a cost centre or cost carrier. Context: item.",
}

#: Lists that take columns, filters and bulk actions. The ids that an add-on gets are those of the
#: records.
LISTS = {
    "customers": "The list of customers.",
    "invoices": "The list of invoices and credit notes.",
    "transactions": "The list of transactions: payments, deposits, refunds, cash.",
    "gl_accounts": "The list of GL accounts.",
    "cost_centres": "The list of cost centres.",
    "cost_carriers": "The list of cost carriers.",
}
