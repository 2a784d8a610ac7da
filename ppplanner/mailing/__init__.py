"""Mails that leave the house: handed in at a mail server, or caught on the machine itself.

What is sent to whom is decided in `services/mails`, which writes it down as a `Mail`. Here
`letters.py` makes a message of that, `delivery.py` hands it to the server that `server.py`
describes, and `jobs.py` does so for all that is due. Without a server of its own, an installation
that is only tried out catches its mails: `catcher.py` takes them, `caught.py` reads them again.
"""
