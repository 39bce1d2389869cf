"""Files that an author names: only those inside of the article's folder can be used."""

from pathlib import Path, PurePosixPath

from early_vision.errors import InputError, did_you_mean


def author_file(folder: Path, written: str) -> Path:
    """The file that an author's text names.

    Args:
        folder: the article's folder.
        written: its path from there, with forward slashes.

    Raises:
        InputError: without a place, when the path leads out of the folder, by its name or through a link, or to no file.
    """
    path = PurePosixPath(written)
    if path.is_absolute() or ".." in path.parts or "\\" in written or ":" in written or "\0" in written:
        hint = "Name a file in the article's folder by its path from there, with forward slashes"
        raise InputError(f'the path "{written}" leads out of the article\'s folder', hint=hint)
    file = folder / path
    try:
        real = file.resolve(strict=True)
        inside, is_file = real.is_relative_to(folder.resolve()), real.is_file()
    except (OSError, RuntimeError):
        inside = is_file = False
        if not file.is_symlink():
            known = sorted(other.relative_to(folder).as_posix() for other in folder.rglob("*") if other.is_file())
            raise InputError(f'there is no file "{written}"', hint=did_you_mean(written, known)) from None
    if not inside:
        hint = "Put the file itself there"
        raise InputError(f'the file "{written}" is a link that leads out of the article\'s folder', hint=hint)
    if not is_file:
        raise InputError(f'"{written}" is no file')
    return file
