r"""TeX as MathML Core, which browsers show without a script.

math-core converts it, and refuses what it does not know. A thin layer before it writes in its words what other tools
call otherwise (`split`, `alignat`, `\substack`, `\mbox`); one after it makes classes of its style attributes, which a
page with a strict content security policy must not hold, and looks at every element.
"""

import re
from functools import lru_cache
from html import unescape
from xml.etree import ElementTree

from markdown.util import AtomicString

from early_vision.article.allowed_html import MATH_ATTRIBUTES, MATH_TAGS
from early_vision.errors import InputError, did_you_mean

NAMES = {
    "split": "aligned",
    "align": "aligned",
    "alignat": "aligned",
    "alignedat": "aligned",
    "flalign": "aligned",
    "gather": "gathered",
    "smallmatrix": "subarray}{c",
    "eqnarray": "array}{rcl",
}
"""Environments by the name of one that looks alike. None of them numbers its lines: a formula's number is its label's."""
ENVIRONMENTS = frozenset(
    [
        "array",
        "matrix",
        "pmatrix",
        "bmatrix",
        "Bmatrix",
        "vmatrix",
        "Vmatrix",
        "smallmatrix",
        "cases",
        "dcases",
        "rcases",
        "subarray",
        "split",
        "aligned",
        "alignedat",
        "gathered",
        "align",
        "align*",
        "alignat",
        "alignat*",
        "flalign",
        "flalign*",
        "gather",
        "gather*",
        "equation",
        "equation*",
        "multline",
        "multline*",
        "eqnarray",
        "eqnarray*",
    ]
)
DISPLAY = frozenset(name for name in ENVIRONMENTS if name.rstrip("*") in
                    ("align", "alignat", "flalign", "gather", "equation", "multline", "eqnarray"))  # fmt: skip
"""Environments that are formulas of their own in LaTeX, without dollars around them."""
MACROS = {
    "arg": r"\operatorname{arg}",
    "argmax": r"\operatorname*{arg\,max}",
    "argmin": r"\operatorname*{arg\,min}",
    "substack": r"\begin{subarray}{c}#1\end{subarray}",
    "widetilde": r"\tilde{#1}",
    "textnormal": r"\text{#1}",
    "textup": r"\text{#1}",
    "mbox": r"\text{#1}",
    "hbox": r"\text{#1}",
    "mathds": r"\mathbb{#1}",
    "mathbbm": r"\mathbb{#1}",
    "ensuremath": "{#1}",
    "pmb": r"\boldsymbol{#1}",
    "bold": r"\mathbf{#1}",
    "mathnormal": "{#1}",
    "textmd": r"\text{#1}",
    "smash": "{#1}",
}
GONE = re.compile(r"\\(?:nonumber|notag)(?![a-zA-Z])|(?<=\\begin\{aligned\})\[[tbc]\]")
COMMANDS = [
    "alpha",
    "beta",
    "gamma",
    "delta",
    "epsilon",
    "varepsilon",
    "zeta",
    "eta",
    "theta",
    "iota",
    "kappa",
    "lambda",
    "mu",
    "nu",
    "xi",
    "pi",
    "rho",
    "sigma",
    "tau",
    "upsilon",
    "phi",
    "varphi",
    "chi",
    "psi",
    "omega",
    "Gamma",
    "Delta",
    "Theta",
    "Lambda",
    "Xi",
    "Pi",
    "Sigma",
    "Phi",
    "Psi",
    "Omega",
    "frac",
    "dfrac",
    "tfrac",
    "sqrt",
    "sum",
    "prod",
    "int",
    "iint",
    "oint",
    "lim",
    "max",
    "min",
    "sup",
    "inf",
    "log",
    "ln",
    "exp",
    "sin",
    "cos",
    "tan",
    "arg",
    "det",
    "dim",
    "ker",
    "gcd",
    "left",
    "right",
    "big",
    "Big",
    "bigg",
    "Bigg",
    "langle",
    "rangle",
    "lfloor",
    "rfloor",
    "lceil",
    "rceil",
    "infty",
    "partial",
    "nabla",
    "cdot",
    "cdots",
    "ldots",
    "dots",
    "times",
    "pm",
    "mp",
    "leq",
    "geq",
    "neq",
    "approx",
    "equiv",
    "sim",
    "propto",
    "in",
    "notin",
    "subset",
    "subseteq",
    "cup",
    "cap",
    "forall",
    "exists",
    "to",
    "rightarrow",
    "leftarrow",
    "mapsto",
    "implies",
    "iff",
    "mathbf",
    "mathbb",
    "mathcal",
    "mathrm",
    "mathsf",
    "mathit",
    "mathfrak",
    "mathscr",
    "boldsymbol",
    "text",
    "textbf",
    "textit",
    "operatorname",
    "overline",
    "underline",
    "hat",
    "widehat",
    "tilde",
    "widetilde",
    "bar",
    "vec",
    "dot",
    "ddot",
    "underbrace",
    "overbrace",
    "overset",
    "underset",
    "stackrel",
    "binom",
    "begin",
    "end",
    "quad",
    "qquad",
    "boxed",
    "cancel",
    "tag",
    "label",
    "top",
    "odot",
    "otimes",
]
"""Those that a misspelled command is likely to be."""

REASONS = (
    (r"Duplicate subscript or superscript", "it has two superscripts, or two subscripts, in one place"),
    (r'Expected closing token "\\right"', "a `\\left` has no `\\right`"),
    (r'Unmatched closing token: "\\right"', "a `\\right` has no `\\left`"),
    (r'Expected closing token "\\end', "a `\\begin` has no `\\end`"),
    (r'Unmatched closing token: "\\end', "an `\\end` has no `\\begin`"),
    (r"Expected (argument|closing token).*end of input", "it ends too early"),
    (r'Found "&"', "a `&` stands where it means nothing"),
    (r'There must be a parenthesis after "\\(left|right)"', "no bracket follows `\\left` or `\\right`"),
)
STYLES = {
    "text-align: left": "left",
    "text-align: right": "right",
    "justify-items: start": "",
    "justify-items: end": "",
    "padding-left: 0": "no-left",
    "padding-right: 0": "no-right",
    "padding-left: 1em": "far-left",
    "padding-top: 0": "tight",
    "padding-bottom: 0": "",
    "padding-top: 0.1667em": "",
    "width: 100%": "",
    "width: 50%": "",
    "width: 7.5%": "indent",
    "padding-left: 0.1667em": "thin-left",
    "padding-right: 0.1667em": "thin-right",
    "padding-left: 0.2222em": "medium-left",
    "padding-right: 0.2222em": "medium-right",
    "padding-left: 0.2778em": "thick-left",
    "padding-right: 0.2778em": "thick-right",
    "margin-left: -0.16666667em": "negative-thin",
    "margin-left: -0.22222222em": "negative-medium",
    "margin-left: -0.2777778em": "negative-thick",
    "border-top: 0.05em solid currentcolor": "line-above",
    "border-bottom: 0.05em solid currentcolor": "line-below",
    "border-left: 0.05em solid currentcolor": "line-left",
    "border-right: 0.05em solid currentcolor": "line-right",
    "border-top: 0.05em dashed currentcolor": "line-above dashed",
    "border-bottom: 0.05em dashed currentcolor": "line-below dashed",
    "border-left: 0.05em dashed currentcolor": "line-left dashed",
    "border-right: 0.05em dashed currentcolor": "line-right dashed",
}
"""What math-core styles, by the class for it in 58-math-and-code.css; nothing where that is the default."""
STANDING = {("mover", "\u20d7"): "→", ("mover", "\u0332"): "\u203e", ("munder", "\u0332"): "_"}
"""Characters for accents in place of combining ones, which would stand beside their letters."""
TEXT = {"b": "bold", "i": "italic", "code": "code", "em": "italic", "strong": "bold"}
LARGEST = 20_000
"""Characters of a formula: many times what is readable."""


class TexError(InputError):
    """TeX that cannot be typeset. `offset` is how many lines below the formula's first the fault is."""

    def __init__(self, message: str, offset: int = 0, hint: str | None = None):
        super().__init__(message, hint=hint)
        self.offset = offset


def math_element(tex: str, display: bool) -> ElementTree.Element:
    """TeX as a <math> element.

    Raises:
        TexError: without a place, when it cannot be read.
    """
    shown = " ".join(tex.split())
    begins = f'the math "{shown if len(shown) <= 40 else f"{shown[:40]}…"}" cannot be read'
    if len(tex) > LARGEST:
        raise TexError(f"{begins}: it has more than {LARGEST:,} characters", hint="Divide it")
    if (depth := _brace_depth(tex)) != 0:
        hint = "Close every { with a }" if depth > 0 else "Remove the } that closes nothing"
        raise TexError(f"{begins}: its braces do not match", hint=hint)
    for found in re.finditer(r"\\begin\s*\{([^}]*)\}", tex):
        if found[1] not in ENVIRONMENTS:
            hint = did_you_mean(found[1], ENVIRONMENTS) or f"Known: {', '.join(sorted(ENVIRONMENTS))}"
            message = f'{begins}: there is no environment "{found[1]}"'
            raise TexError(message, tex.count("\n", 0, found.start()), hint)
    if defines := re.search(
        r"\\(?:(?:re)?newcommand|providecommand|newenvironment|DeclareMathOperator|def|let)\b", tex
    ):
        message = f"{begins}: {defines[0]} defines a command"
        raise TexError(message, tex.count("\n", 0, defines.start()), "Write out what it stands for")
    math = _convert(_in_its_words(tex), display, begins)
    _tidy(math, begins)
    math.set("alttext", shown)
    return math


def _in_its_words(tex: str) -> str:
    """TeX as math-core knows it, with as many lines."""
    tex = re.sub(r"(?<!\\)%[^\n]*", "", tex)
    tex = re.sub(r"\\begin\{(alignat|alignedat)(\*?)\}\s*\{\d+\}", r"\\begin{\1\2}", tex)
    tex = re.sub(r"\\(begin|end)\{equation\*?\}", "", tex)
    tex = re.sub(r"\\(begin|end)\{multline\}", r"\\\1{multline*}", tex)
    for name, other in NAMES.items():
        tex = re.sub(rf"\\begin\{{{name}\*?\}}", rf"\\begin{{{other}}}", tex)
        tex = re.sub(rf"\\end\{{{name}\*?\}}", rf"\\end{{{other.partition('}')[0]}}}", tex)
    tex = GONE.sub("", tex)
    # What is upright within \mathop is an operator's name, whose limits stand below it.
    tex = re.sub(r"\\mathop\s*\{\s*\\(?:rm|mathrm|text|textrm)\b\s*\{?([^{}]*)\}?\s*\}", r"\\operatorname*{\1}", tex)
    tex = re.sub(r"\\(left|right|[bB]igg?[lr]?)\s*<", r"\\\1\\langle ", tex)
    tex = re.sub(r"\\(left|right|[bB]igg?[lr]?)\s*>", r"\\\1\\rangle ", tex)
    return re.sub(r"\\(text|textrm|mbox)\s*\{([^{}]*\$[^{}]*\$[^{}]*)\}", _math_in_text, tex)


def _math_in_text(found: re.Match) -> str:
    pieces = re.split(r"(?<!\\)\$", found[2])
    return "{" + "".join(piece if at % 2 else rf"\text{{{piece}}}" for at, piece in enumerate(pieces)) + "}"


@lru_cache(maxsize=1)
def _converter():
    from math_core import LatexToMathML

    return LatexToMathML(macros=MACROS, fancy_error=False)


def _convert(tex: str, display: bool, begins: str) -> ElementTree.Element:
    from math_core import LatexError

    try:
        html = _converter().convert_with_local_state(tex, displaystyle=display)
    except LatexError as error:
        raise _told(str(error), tex, begins) from None
    # Characters by their names, which XML does not know.
    html = re.sub(r"&(?!amp;|lt;|gt;|quot;)\w+;", lambda entity: unescape(entity[0]), html)
    try:
        return ElementTree.fromstring(html)
    except ElementTree.ParseError:
        raise TexError(f"{begins}: it holds characters that no page can hold") from None


def _told(error: str, tex: str, begins: str) -> TexError:
    found = re.match(r"(\d+): (.*)", error, re.DOTALL)
    at, reason = (int(found[1]), found[2]) if found else (0, error)
    offset = tex.count("\n", 0, at)
    if unknown := re.match(r'Unknown command "\\?([^"]*)"', reason):
        hint = did_you_mean(unknown[1], COMMANDS)
        hint = hint and hint.replace('"', '"\\', 1)
        if unknown[1] in ("href", "style", "class", "url", "htmlClass"):
            return TexError(
                f"{begins}: it uses a command that is not allowed here", offset, "Such are \\href, \\style, \\class"
            )
        return TexError(f'{begins}: there is no command "\\{unknown[1]}"', offset, hint)
    for pattern, words in REASONS:
        if re.match(pattern, reason):
            return TexError(f"{begins}: {words}", offset)
    return TexError(f"{begins}: {reason[:1].lower()}{reason[1:].rstrip('.')}", offset)


def _tidy(element: ElementTree.Element, begins: str) -> None:
    """Makes an element, and all in it, have classes for styles, and plain text in elements of its own."""
    classes = element.get("class", "").split()
    if element.tag == "mtext" and len(element):
        inner = element[0]
        if len(element) > 1 or element.text or inner.tail or inner.tag not in TEXT:
            raise TexError(f"{begins}: it has text of several kinds in one place", hint="Divide it")
        classes.append(TEXT[inner.tag])
        element.text = "".join(inner.itertext())
        element.remove(inner)
    if element.tag == "menclose":
        for child in list(element):
            if "menclose" in child.get("class", ""):
                element.remove(child)
    if element.tag in ("mover", "munder") and len(element) == 2:
        accent = element[1]
        accent.text = STANDING.get((element.tag, accent.text or ""), accent.text or "") or None
        if accent.text == "\u02dc" and len(element[0]) > 1:
            # Over several characters, a tilde reaches over them.
            del accent.attrib["stretchy"]
    for declaration in filter(None, (one.strip() for one in element.attrib.pop("style", "").split(";"))):
        name, _, value = (part.strip() for part in declaration.partition(":"))
        if name == "color":
            element.set("mathcolor", value)
        elif (known := STYLES.get(f"{name}: {value}")) is not None:
            classes.append(known)
        else:
            raise TexError(
                f"{begins}: it asks for {name} {value}, which cannot be shown", hint="Use \\quad, \\, or \\!"
            )
    element.attrib.pop("class", None)
    if named := " ".join(filter(None, dict.fromkeys(classes))):
        element.set("class", named)
    if element.tag not in MATH_TAGS or set(element.attrib) - MATH_ATTRIBUTES - {"class"}:
        raise TexError(f"{begins}: it uses a command that is not allowed here")
    element.text = AtomicString(element.text) if element.text else None
    for child in element:
        _tidy(child, begins)


def _brace_depth(tex: str) -> int:
    depth = 0
    for brace in re.findall(r"\\.|[{}]", tex, re.DOTALL):
        depth += {"{": 1, "}": -1}.get(brace, 0)
        if depth < 0:
            return depth
    return depth
