"""The networks that are known by name: what each is, who trained it, under which licence, and where its files are.

Data, not code: one file for each in `assets/networks/catalogue/`, `<name>.yaml`; the classes below say what may be in it.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from operator import attrgetter
from pathlib import Path
from types import MappingProxyType
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from early_vision.errors import InputError, Problem
from early_vision.network.architecture import INCEPTIONV1, Architecture
from early_vision.network.architecture_file import read_architecture
from early_vision.network.located_yaml import Place, read_located
from early_vision.network.release import Fingerprint

INCEPTION = "inceptionv1"
"""What entries call the architecture that is written down in the code."""

Text = Annotated[str, Field(min_length=1)]
Hash = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
RelativePath = Annotated[str, Field(pattern=r"^[A-Za-z0-9_][A-Za-z0-9_.-]*(/[A-Za-z0-9_][A-Za-z0-9_.-]*)*$")]
Format = Literal["graph", "hdf5", "raw", "mxnet"]


class _Strict(BaseModel):
    """Takes nothing it does not know and converts nothing."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


class PublishedFile(_Strict):
    """A file as it was published.

    Attributes:
        path: below the source's address.
        sha256: of the file, in hexadecimal.
        bytes: its size.
        tensor: which of our tensors it holds; None for a file that holds several by name.
    """

    path: RelativePath
    sha256: Hash
    bytes: Annotated[int, Field(ge=1, le=1 << 28)]
    tensor: str | None = None

    @property
    def fingerprint(self) -> Fingerprint:
        return Fingerprint(self.sha256, self.bytes)


class Source(_Strict):
    """Where a network's files are published, and how numbers lie in them.

    Attributes:
        address: of the folder that they are in; ends with /.
        format: what kind of files they are.
        layout: the order of a kernel's axes: height, width, inputs, outputs.
        colours: the order of the channels that the first kernels see.
        files: those that the layers shown here need, and no others.
        graph: of an archive with a frozen TensorFlow graph, the graph in it.
        followed_by: of MXNet's arrays, convolution to the batch norm that is multiplied into it here.
        tried: whether the address was, and if not, why.
    """

    address: Annotated[str, Field(pattern=r"^https://[^\s?#]+/$")]
    format: Format
    layout: Literal["HWIO", "OHWI", "OIHW"] = "HWIO"
    colours: Literal["RGB", "BGR"] = "RGB"
    files: Annotated[tuple[PublishedFile, ...], Field(min_length=1, strict=False)]
    graph: PublishedFile | None = None
    followed_by: dict[str, str] = Field(default_factory=dict)
    tried: Text

    @property
    def bytes(self) -> int:
        """Of all its files: the download."""
        return sum(file.bytes for file in self.files)


class _Facts(_Strict):
    title: Text
    about: Text
    trained_by: Text
    trained_on: Text
    licence: Text
    cite: Text
    architecture: RelativePath
    tensors: Hash | None = None
    measured: Annotated[tuple[Text, ...], Field(strict=False)] = ()
    source: Source | None = None


@dataclass(frozen=True)
class KnownNetwork:
    """An entry of the catalogue.

    Attributes:
        name: of the network.
        title: what it is, in a line.
        about: what it is, in sentences.
        trained_by, trained_on: who made the numbers, from which pictures.
        licence: of the numbers.
        cite: what to cite.
        tensors: `hash_tensors` of the layers shown here, as float32; None where the numbers were never seen.
        measured: what was measured of it, each with how.
        source: where its files are; None where they are in the repository.
        architecture_file: what describes its nodes; None for InceptionV1, which is in the code.
    """

    name: str
    title: str
    about: str
    trained_by: str
    trained_on: str
    licence: str
    cite: str
    tensors: str | None
    measured: tuple[str, ...]
    source: Source | None
    architecture_file: Path | None

    @cached_property
    def architecture(self) -> Architecture:
        """Its nodes and layers.

        Raises:
            InputError: everything that is wrong in the file that describes it.
        """
        return read_architecture(self.architecture_file).architecture if self.architecture_file else INCEPTIONV1


def read_catalogue(assets: Path) -> Mapping[str, KnownNetwork]:
    """All known networks by name, in the order of their names; none where there is no catalogue.

    Args:
        assets: the folder that holds networks/catalogue/.

    Raises:
        InputError: everything that is wrong in one of the entries, with its line.
        InputError: when one is no YAML.
    """
    folder = assets / "networks" / "catalogue"
    return MappingProxyType(
        {path.stem: read_entry(path) for path in sorted(folder.glob("*.yaml"), key=attrgetter("stem"))}
    )


def read_entry(path: Path) -> KnownNetwork:
    """One entry of the catalogue.

    Raises:
        InputError: as `read_catalogue` does.
    """
    data, places = read_located(path)
    try:
        facts = _Facts.model_validate(data)
    except ValidationError as error:
        raise InputError.of(_problem(each["loc"], each["msg"], places, path) for each in error.errors()) from error
    if problems := [_problem(place, message, places, path) for place, message in _contradictions(facts)]:
        raise InputError.of(problems)
    described = None if facts.architecture == INCEPTION else path.parent.parent / "architectures" / facts.architecture
    if described is not None and not described.is_file():
        raise InputError.of([_problem(("architecture",), f"there is no file {described}", places, path)])
    return KnownNetwork(
        name=path.stem,
        title=facts.title,
        about=facts.about.strip(),
        trained_by=facts.trained_by,
        trained_on=facts.trained_on,
        licence=facts.licence,
        cite=facts.cite.strip(),
        tensors=facts.tensors,
        measured=facts.measured,
        source=facts.source,
        architecture_file=described,
    )


def _contradictions(facts: _Facts) -> Iterator[tuple[Place, str]]:
    """What every field allows and the whole does not."""
    if (source := facts.source) is None:
        return
    one_tensor_each = source.format in ("hdf5", "raw")
    for i, file in enumerate(source.files):
        if (file.tensor is not None) != one_tensor_each:
            wanted = "needs the tensor that it holds" if one_tensor_each else "holds several tensors by name"
            yield ("source", "files", i), f"a file of the format {source.format} {wanted}"
    if (source.graph is not None) != (source.format == "graph"):
        yield ("source", "format"), "a graph belongs to the format graph, and to no other"
    if facts.tensors is None and source.format != "graph":
        yield ("source",), "the hash of the tensors is missing"


def _problem(place: Place, message: str, places: Mapping[Place, int], path: Path) -> Problem:
    where = ".".join(map(str, place))
    while place not in places:
        place = place[:-1]
    return Problem(f"{where}: {message}" if where else message, file=path, line=places[place])
