"""Jinja templates: strict about names, escaping everything, and with errors that say where."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

from jinja2 import (
    Environment,
    FileSystemBytecodeCache,
    FileSystemLoader,
    StrictUndefined,
    TemplateNotFound,
    TemplateSyntaxError,
)
from jinja2.meta import find_referenced_templates
from markupsafe import Markup

from early_vision.cache import Cache
from early_vision.errors import InputError


@dataclass(frozen=True)
class Template:
    """A template, equal to another one that renders the same.

    Attributes:
        name: its path in the folder.
        sources: the hash of its file, and of each that it is made of, by name.
        templates: where to render it.
    """

    name: str
    sources: tuple[tuple[str, str], ...]
    templates: "Templates" = field(compare=False, repr=False)

    def render(self, context: Mapping[str, Any]) -> bytes:
        """A page, as `Templates.render` gives it."""
        return self.templates.render(self.name, **context).encode()

    def render_part(self, context: Mapping[str, Any]) -> Markup:
        """A part of a page."""
        return Markup(self.templates.render(self.name, **context))


class Templates:
    """The templates of a folder.

    Args:
        folder: where they are.
        hashes: of its files, by their paths in the folder.
        cache: keeps what Jinja makes of them, which takes longer than to render most.
    """

    def __init__(self, folder: Path, hashes: Mapping[str, str] | None = None, cache: Cache | None = None):
        if not folder.is_dir():
            raise InputError("there is no such folder of templates", file=folder)
        self.folder, self.hashes, self.cache = folder, hashes or {}, cache or Cache()
        self._templates: dict[str, Template] = {}
        self.environment = Environment(
            loader=FileSystemLoader(folder),
            # Other templates have other hashes, and so another engine.
            auto_reload=not self.hashes,
            bytecode_cache=_kept_in(self.cache.folder),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
            keep_trailing_newline=True,
        )
        self.environment.filters["unindented"] = _unindented

    def template(self, name: str) -> Template:
        """A template with the hashes of all that it includes, extends or imports."""
        if name not in self._templates:
            self._templates[name] = Template(name, self._sources(name), self)
        return self._templates[name]

    def _sources(self, name: str) -> tuple[tuple[str, str], ...]:
        found: set[str] = set()
        open_ends: list[str | None] = [name]
        while open_ends:
            one = open_ends.pop()
            if one is None:
                # Named by an expression, so that it may be any.
                return tuple(sorted(self.hashes.items()))
            if one not in found and one in self.hashes:
                found.add(one)
                open_ends += self.cache.json(("refers to", self.hashes[one]), partial(self._references, one))
        return tuple(sorted((one, self.hashes[one]) for one in found))

    def _references(self, name: str) -> list[str | None]:
        try:
            return list(find_referenced_templates(self.environment.parse((self.folder / name).read_text("utf-8"))))
        except (TemplateSyntaxError, OSError, UnicodeDecodeError):
            # Rendering says what is wrong.
            return [None]

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
                f"there is no template {error.name}", file=self.folder, hint="Put it back, or mend the name"
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


def _kept_in(cache: Path | None) -> FileSystemBytecodeCache | None:
    if cache is None:
        return None
    folder = cache / "templates"
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError:
        return None
    return FileSystemBytecodeCache(str(folder))


def _unindented(html: str) -> Markup:
    """HTML that shows nothing as it is spaced, without the spaces at the beginnings of lines: a page of many is smaller."""
    return Markup(re.sub(r"\n\s+", "\n", html))
