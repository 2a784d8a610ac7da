"""To ask for a spreadsheet, and keep it until the person has seen what it would do."""

from __future__ import annotations

from collections.abc import Callable

from flask_login import current_user
from flask_wtf import FlaskForm
from flask_wtf.file import FileField, FileRequired

from ppplanner.addons.manifest import Text
from ppplanner.i18n import _l
from ppplanner.models import Upload
from ppplanner.services.files import uploads


def file_field(description: Text = "") -> FileField:
    return FileField(_l("File"), [FileRequired(_l("Choose a file."))], description=description)


class FileForm(FlaskForm):
    """Asks for a file; drawn by the macro of "_macros/file_form.html"."""

    file = file_field()

    def keep(self, purpose: str, read: Callable[[bytes], object]) -> Upload:
        """Keep the file, unless `read` cannot make anything of it and raises DomainError."""
        content = self.file.data.read()
        read(content)
        return uploads.keep(current_user.id, purpose, self.file.data.filename, content)
