"""What the pages of all articles share: the style sheet, the scripts, the icon, and the font of its math."""

from collections.abc import Mapping
from pathlib import Path

from early_vision.errors import InputError


def page_assets(assets: Path) -> Mapping[str, bytes]:
    """The files by their path in the site.

    The one style sheet is joined from css/ in the order of file names, and page.js, which every page has, from js/page/:
    so a page asks for few files.

    Raises:
        InputError: when there is no style sheet, or a file cannot be read.
    """
    sheets, parts = sorted((assets / "css").glob("*.css")), sorted((assets / "js" / "page").glob("*.js"))
    paths = (
        *sheets,
        *parts,
        *sorted((assets / "js").glob("*.js")),
        *sorted(assets.glob("favicon.*")),
        *sorted((assets / "fonts").glob("*")),
    )
    if not sheets:
        raise InputError("there is no style sheet", file=assets / "css")
    try:
        contents = {path: path.read_bytes() for path in paths}
    except OSError as error:
        raise InputError(f"the file cannot be read ({error.strerror})", file=error.filename) from error
    style, script = (b"\n".join(contents[path] for path in some) for some in (sheets, parts))
    others = {f"assets/{path.name}": data for path, data in contents.items() if path not in (*sheets, *parts)}
    return {"assets/style.css": style, "assets/page.js": script, **others}
