"""How the form macros draw fields: labels, marks, hints, errors, each tied to its field."""

from __future__ import annotations

from typing import Any

import pytest
from flask import Flask, render_template_string
from flask_wtf import FlaskForm
from werkzeug.datastructures import MultiDict
from wtforms import (
    BooleanField,
    DateField,
    PasswordField,
    RadioField,
    SelectField,
    StringField,
    TextAreaField,
)
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired

from ppplanner.blueprints.form_fields import MoneyField, NumberField, PickerField

PAGE = """
{% from "_macros/form.html" import actions, fields, form as the_form, summary %}
{% call the_form("/save") %}
{{ summary(form) }}{{ fields(form) }}{{ actions(cancel_url="/back") }}
{% endcall %}
"""


class AllKinds(FlaskForm):
    name = StringField("Name", [InputRequired("Fill in a name.")], description="As on the invoice.")
    note = TextAreaField("Note")
    secret = PasswordField("Password")
    kind = SelectField("Kind", choices=[SelectChoice("a", "First"), SelectChoice("b", "Second")])
    way = RadioField(
        "Way", choices=[SelectChoice("a", "This"), SelectChoice("b", "That")], default="b"
    )
    starts_on = DateField("Start")
    price = MoneyField("Price")
    distance = NumberField("Distance", unit="km")
    owner = PickerField("Owner", describe={7: "Jansen"}.get, endpoint="auth.login")
    mailed = BooleanField("By e-mail", description="With the invoice attached.")


@pytest.fixture
def draw(app: Flask) -> Any:
    """Draws the form, fresh or as it comes back with `typed`."""

    def drawn(**typed: str) -> str:
        with app.test_request_context():
            form = AllKinds(MultiDict(typed) if typed else None)
            if typed:
                form.validate()
            return render_template_string(PAGE, form=form)

    return drawn


def tag(html: str, mark: str) -> str:
    """The whole tag that carries `mark`."""
    return next(part.split(">")[0] for part in html.split("<") if mark in part)


FIELDS = ["name", "note", "secret", "kind", "starts_on", "price", "distance", "owner"]


@pytest.mark.parametrize("field", FIELDS)
def test_every_field_has_a_label_of_its_own(draw: Any, field: str) -> None:
    html = draw()
    assert f'for="{field}"' in html
    assert html.count(f' id="{field}"') == 1


def test_choices_stand_in_a_group_with_a_name(draw: Any) -> None:
    group = draw().split("<fieldset")[1].split("</fieldset>")[0]
    assert ">Way<" in group
    assert group.count('type="radio"') == 2
    assert 'checked class="form-check-input" id="way-1"' in group


def test_a_required_field_is_marked_for_eyes_and_for_readers(draw: Any) -> None:
    html = draw()
    assert html.count('class="required-mark"') == 1
    assert "required" in tag(html, 'id="name"')


def test_a_hint_is_read_with_its_field(draw: Any) -> None:
    html = draw()
    assert 'aria-describedby="name-hint"' in tag(html, 'id="name"')
    assert 'id="name-hint">As on the invoice.<' in html


def test_a_fresh_form_shows_no_errors(draw: Any) -> None:
    html = draw()
    assert "data-summary" not in html
    assert "field-error" not in html
    assert "aria-invalid" not in html


def test_an_error_stands_at_its_field_and_on_top_with_a_way_to_it(draw: Any) -> None:
    html = draw(name="", price="a lot")
    assert 'aria-invalid="true"' in tag(html, ' id="name"')
    assert 'aria-describedby="name-error name-hint"' in tag(html, ' id="name"')
    assert 'id="name-error"' in html
    summary = html.split("data-summary")[1].split("</div>")[0]
    assert '<a href="#name">Name</a>: Fill in a name.' in summary
    assert '<a href="#price">Price</a>' in summary
    assert 'value="a lot"' in tag(html, ' id="price"')


def test_amounts_ask_for_a_keyboard_with_digits(draw: Any) -> None:
    html = draw()
    for field in ("price", "distance"):
        assert 'inputmode="decimal"' in tag(html, f' id="{field}"')
        assert 'type="text"' in tag(html, f' id="{field}"')
    assert ">€<" in html
    assert ">km<" in html


def test_a_password_never_comes_back(draw: Any) -> None:
    assert "tellnobody" not in draw(name="", secret="tellnobody")


def test_a_picker_keeps_its_choice_beside_the_words(draw: Any) -> None:
    html = draw(name="", owner="7", **{"owner-text": "Jansen"})
    assert 'value="7"' in tag(html, 'name="owner"')
    assert 'value="Jansen"' in tag(html, 'name="owner-text"')
    assert 'role="combobox"' in tag(html, 'name="owner-text"')


def test_what_people_typed_is_never_taken_for_html(draw: Any) -> None:
    html = draw(name="<script>x</script>", note="</textarea><b>", **{"owner-text": '"><i>'})
    for wrong in ("<script>", "<b>", "<i>"):
        assert wrong not in html


def test_a_form_works_with_and_without_scripts(draw: Any) -> None:
    form = tag(draw(), 'class="form"')
    assert 'method="post"' in form
    assert 'action="/save"' in form
    assert 'hx-post="/save"' in form
