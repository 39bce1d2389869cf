"""Links to other hosts: whether what they lead to is there. Nothing else in the project asks other hosts."""

import http.client
import ssl
import urllib.error
import urllib.request
from collections import defaultdict
from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Literal
from urllib.parse import urldefrag, urlsplit

from early_vision.article.anchors import Link
from early_vision.errors import Problem

TIMEOUT_S = 10.0
AT_ONCE = 8
MOST = 500
"""Addresses that are asked for in one run."""
GONE = frozenset((404, 410))
AGENT = "early-vision link check (one request per address)"


def external_problems(links: Iterable[Link], timeout: float = TIMEOUT_S, most: int = MOST) -> list[Problem]:
    """An error for each link to what is not there, and a warning for each of which nobody can tell.

    Each address is asked for once, whatever its fragment and however often it is linked to; hosts are asked side by
    side, and each host one address after the other.

    Args:
        links: of articles; those that lead to no other host are passed over.
        timeout: seconds to wait for an answer.
        most: addresses to ask for.
    """
    places: dict[str, list[Link]] = defaultdict(list)
    for link in links:
        if urlsplit(link.address).scheme.lower() in ("http", "https"):
            places[urldefrag(link.address)[0]].append(link)
    asked, rest = list(places)[:most], list(places)[most:]
    hosts: dict[str, list[str]] = defaultdict(list)
    for address in asked:
        hosts[urlsplit(address).netloc.lower()].append(address)
    with ThreadPoolExecutor(AT_ONCE) as pool:
        answers = dict(pair for some in pool.map(lambda one: _ask_host(one, timeout), hosts.values()) for pair in some)
    problems: list[Problem] = []
    for address, told in answers.items():
        if told:
            severity, message = told
            problems += (
                Problem(f"the link {link.address} {message}", file=link.file, line=link.line, severity=severity)
                for link in places[address]
            )
    for address in rest:
        link, message = places[address][0], f"the link {address} was not checked: there are more than {most}"
        problems.append(Problem(message, file=link.file, line=link.line, severity="warning"))
    return problems


def _ask_host(
    addresses: Sequence[str], timeout: float
) -> list[tuple[str, tuple[Literal["error", "warning"], str] | None]]:
    return [(address, ask(address, timeout)) for address in addresses]


def ask(address: str, timeout: float) -> tuple[Literal["error", "warning"], str] | None:
    """What is wrong with an address, as severity and words; None where something is there."""
    # Many servers answer HEAD wrongly, so that only GET's word counts; of its answer nothing but the head is read.
    told: tuple[Literal["error", "warning"], str] | None = None
    for method in ("HEAD", "GET"):
        request = urllib.request.Request(address, method=method, headers={"User-Agent": AGENT})
        try:
            with urllib.request.urlopen(request, timeout=timeout):
                return None
        except urllib.error.HTTPError as error:
            error.close()
            if error.code in GONE:
                told = ("error", f"leads to nothing: {error.code} {error.reason}")
            else:
                told = ("warning", f"could not be checked: {error.code} {error.reason}")
        except (urllib.error.URLError, OSError, http.client.HTTPException, ssl.SSLError, ValueError) as error:
            return ("warning", f"could not be checked: {getattr(error, 'reason', None) or error}")
    return told
