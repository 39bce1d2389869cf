"""What is wrong with a finished site is found, all of it, and nothing else is called wrong."""

import io
from html.parser import HTMLParser

import pytest
from PIL import Image

from early_vision.site.faults import page_faults, read_folder, read_page, site_faults


def encoded(kind: str) -> bytes:
    file = io.BytesIO()
    Image.new("RGB", (4, 4), (9, 99, 199)).save(file, kind)
    return file.getvalue()


WHOLE = {
    "index.html": b'<link rel="icon" href="icon.svg"><a href="a/index.html#b%3Ac">a</a> <a href="https://b.org/#c">b</a>'
    b'<a href="#top">up</a><a href="mailto:a@b.org">m</a><link rel="license" href="https://c.org/">',
    "a/index.html": b'<p id="b:c">x &lt;a href="gone.html"></p><img src="p.png" srcset="p.png 1x, ../q.webp 2x" alt="">'
    b'<svg><use href="#s"/><g id="s" clip-path="url(#b:c)"/></svg><label for="s"></label><a href="../index.html?a=b">i</a><a href="../index.html#q=x">s</a>',
    "a/style.css": b"p { background: url(p.png) }",
    "a/p.png": encoded("PNG"),
    "q.webp": encoded("WEBP"),
    "icon.svg": b"<svg xmlns='http://www.w3.org/2000/svg'/>",
    "a/data.json": b"{}",
}

BROKEN = [
    ("index.html", b'<a href="a/indx.html">x</a>',
     'the link a/indx.html leads to no file. Did you mean "a/index.html"?'),
    ("index.html", b'<a href="a/">x</a>', "the link a/ leads to no file"),
    ("index.html", b'<a href="a/index.html#b:d">x</a>',
     'the link a/index.html#b:d leads to no anchor. Did you mean "b:c"?'),
    ("a/index.html", b'<b id="b:c"></b><a href="#no">x</a>', "the link #no leads to no anchor"),
    ("a/index.html", b'<b id="b:c"></b><b id="b:c"></b>', 'the id "b:c" is given 2 times'),
    ("a/index.html", b'<b id="b:c"></b><path marker-end="url(#head)"/>',
     'nothing has the id "head", which something on the page needs'),
    ("a/index.html", b'<b id="b:c"></b><p aria-describedby="b:c note">',
     'nothing has the id "note", which something on the page needs'),
    ("a/index.html", b'<b id="b:c"></b><a href="../../x.html">x</a>', "the link ../../x.html leads out of the site"),
    ("a/index.html", b'<b id="b:c"></b><a href="/index.html">x</a>', "the link /index.html leads out of the site"),
    ("a/index.html", b'<b id="b:c"></b><img src="https://b.org/p.png">',
     "the page would load https://b.org/p.png, which is not in the site"),
    ("a/index.html", b'<b id="b:c"></b><script src="//b.org/s.js"></script>',
     "the page would load //b.org/s.js, which is not in the site"),
    ("a/index.html", b'<b id="b:c"></b><img srcset="p.png 1x, r.png 2x">', "the link r.png leads to no file"),
    ("a/index.html", b"<b id=\"b:c\"></b><a href='p.png'>x</a>", "a tag cannot be read: \"<a href='p.png'>x</a>\""),
    ("a/style.css", b"p { background: url('../p.png') }", "the link ../p.png leads to no file"),
    ("a/p.png", encoded("PNG")[:50], "the picture does not decode ("),
    ("q.webp", encoded("WEBP")[:30], "the picture does not decode ("),
    ("icon.svg", b"<svg>", "the picture does not decode (no element found"),
]  # fmt: skip


def test_a_whole_site_has_none(tmp_path):
    assert site_faults(WHOLE) == ()
    for path, data in {**WHOLE, "a/.files": b"x", ".built.json": b"x"}.items():
        (tmp_path / path).parent.mkdir(exist_ok=True)
        (tmp_path / path).write_bytes(data)
    assert dict(read_folder(tmp_path)) == WHOLE
    assert site_faults(read_folder(tmp_path)) == ()


@pytest.mark.parametrize(("path", "data", "message"), BROKEN, ids=range(len(BROKEN)))
def test_each_fault_is_told(path, data, message):
    (fault,) = site_faults({**WHOLE, path: data})
    assert fault.file == path and fault.message.startswith(message)


def test_a_missing_file_is_told_on_each_page_that_needs_it():
    files = {path: data for path, data in WHOLE.items() if path != "a/p.png"}
    assert [str(fault) for fault in site_faults(files)] == [
        "a/index.html: the link p.png leads to no file",
        "a/style.css: the link p.png leads to no file",
    ]
    assert page_faults(files, ["index.html"]) == ()


class Reference(HTMLParser):
    """The ids and addresses of a page as a whole parser finds them."""

    def __init__(self, html: str):
        super().__init__()
        self.ids, self.addresses = [], set()
        self.feed(html)

    def handle_starttag(self, tag, attrs):
        given = dict(attrs)
        self.ids += [given["id"]] if "id" in given else []
        self.addresses |= {given[name] for name in ("href", "src") if name in given}
        self.addresses |= {part.split()[0] for part in given.get("srcset", "").split(",") if part}


@pytest.mark.parametrize("name", ("index.html", "neurons/conv2d0/0.html", "neurons/mixed3a/79.html", "routes.html"))
def test_pages_are_read_as_a_parser_reads_them(site, name):
    html = (site / "early-vision-tiny" / name).read_text("utf-8")
    parts, reference = read_page(html), Reference(html)
    assert list(parts.ids) == reference.ids
    assert parts.links | parts.loads == reference.addresses
