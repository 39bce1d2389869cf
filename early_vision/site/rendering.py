"""Jinja templates: strict about names, escaping everything, and with errors that say where."""

from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined, TemplateNotFound, TemplateSyntaxError

from early_vision.errors import InputError


class Templates:
    """The templates of a folder."""

    def __init__(self, folder: Path):
        if not folder.is_dir():
            raise InputError("there is no such folder of templates", file=folder)
        self.folder = folder
        self.environment = Environment(
            loader=FileSystemLoader(folder),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
            keep_trailing_newline=True,
        )

    def render(self, name: str, **context: Any) -> str:
        """A page.

        Raises:
            InputError: naming the template and its line, when it is missing, wrong, or fails.
        """
        try:
            return self.environment.get_template(name).render(context)
        except TemplateSyntaxError as error:
            raise InputError(
                f"the template is wrong: {error.message}", file=self._path(error.filename or name), line=error.lineno
            ) from error
        except TemplateNotFound as error:
            raise InputError(
                f"there is no template {error.name}", file=self.folder, mend="Put it back, or mend the name"
            ) from error
        except Exception as error:
            # Jinja gives each frame of a template its own file and line; without one the fault is not a template's.
            place = self._place(error)
            if place is None:
                raise
            raise InputError(f"the template fails: {error}", file=place[0], line=place[1]) from error

    def _place(self, error: Exception) -> tuple[Path, int] | None:
        found, step = None, error.__traceback__
        while step:
            if Path(step.tb_frame.f_code.co_filename).suffix in (".html", ".xml", ".svg"):
                found = self._path(step.tb_frame.f_code.co_filename), step.tb_lineno
            step = step.tb_next
        return found

    def _path(self, filename: str) -> Path:
        return Path(filename) if Path(filename).exists() else self.folder / filename
