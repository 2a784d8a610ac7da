"""What happened in the domain, told to whoever listens.

Sent by services inside the transaction, before the commit: a receiver may add rows, which then live
or die with the change; it never talks to the network. Receivers take the record and `**_`, so that
an event can grow. An event tells; when the core needs an answer, that is a socket, not an event.
"""

from blinker import Namespace

_signals = Namespace()

#: A customer was made or changed. Sender: the Customer; `origin`: "manual", or the add-on that
#: brought in what was saved.
customer_saved = _signals.signal("customer-saved")

#: A resource was made or changed. Sender: the Resource; `new`: whether it was made.
resource_saved = _signals.signal("resource-saved")

#: A cost centre or cost carrier was made or changed. Sender: the CostCentre or CostCarrier;
#: `origin` as with a customer.
cost_item_saved = _signals.signal("cost-item-saved")

#: An invoice or credit note is complete and about to get its number: what belongs to it, such as
#: money paid in advance, joins it now. Sender: the Invoice, still a draft.
invoice_confirming = _signals.signal("invoice-confirming")

#: An invoice or credit note got its number and can no longer change. Sender: the Invoice.
invoice_confirmed = _signals.signal("invoice-confirmed")

#: The PDF of an invoice is there, the same from now on. Sender: the Invoice.
invoice_printed = _signals.signal("invoice-printed")

#: Money moved in or out, or is said to have. Sender: the Transaction.
transaction_registered = _signals.signal("transaction-registered")

#: A mail is written down, and can go as soon as the transaction is committed. Sender: the Mail.
mail_written = _signals.signal("mail-written")
