"""Trouble with Exact as a person at the screen has to hear it: nobody tries again for them."""

from __future__ import annotations

from flask import flash

from ppplanner.i18n import N_, Message, _

from ..errors import EndpointStopped, ExactError, ExactUnavailable
from ..messages import UNAVAILABLE

#: For each reason of `ExactUnavailable`: what to do.
NOW = {
    "no_connection": N_("Exact cannot be reached just now. Try again in a few minutes."),
    "no_answer": N_("Exact does not answer just now. Try again in a few minutes."),
    "unusable_answer": N_(
        "Exact's answer cannot be read, often because of maintenance. Try again in a few minutes."
    ),
    "crash": N_("Something went wrong inside Exact. Try again in a few minutes."),
    "minute": N_("Exact allows no more calls this minute. Try again in a moment."),
    "day": N_("Exact allows no more calls today. Try again after midnight (UTC)."),
    "errors": N_("Exact pauses this link for an hour after too many refusals. Try again later."),
    "limit": N_("Exact allows no more calls for now. Try again in a moment."),
    "too_early": N_("The login with Exact was renewed a moment ago. Try again."),
    "refused": N_("Exact does not accept the login just now. Try again in ten minutes."),
    "key": UNAVAILABLE["key"],
}


def at_the_screen(error: ExactError) -> str:
    """What went wrong and what to do about it, with Exact's own words where it has said any."""
    if isinstance(error, ExactUnavailable) and not isinstance(error, EndpointStopped):
        return str(Message(NOW[error.reason]))
    sentences = [str(message) for message in error.messages]
    for words in getattr(error, "texts", ()):
        if not any(words in sentence for sentence in sentences):
            sentences.append(_("Exact's own words: %(words)s", words=words))
    return " ".join(sentences)


def flash_trouble(error: ExactError) -> None:
    flash(at_the_screen(error), "error")
