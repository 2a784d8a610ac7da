"""Papers that leave the house: the PDF of an invoice, made once and kept for good.

`invoice_pdf.py` is the door: `ensure_pdf(invoice_id)`. `sheet.py` puts what the invoice holds into
HTML, `payment.py` makes the QR code to pay with, `printing.py` turns HTML into PDF, outside any
transaction thanks to `read_then_print.py`. A contract is printed as it stands whenever somebody
asks: `contract_pdf.py`.
"""
