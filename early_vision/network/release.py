"""What is known of the weights that others have released: where they are, and what makes sure that it is them."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Fingerprint:
    """What a file must be, to the last bit.

    Attributes:
        sha256: in hexadecimal.
        size: in bytes.
    """

    sha256: str
    size: int


@dataclass(frozen=True)
class Release:
    """A released network: a zip archive with a frozen TensorFlow graph in it.

    Attributes:
        network: what the network is called here.
        url: where the archive is.
        archive: what the archive must be.
        graph_name: the graph's entry in the archive.
        graph: what the graph must be.
        stand_in: whether its numbers are random, made for tests.
    """

    network: str
    url: str
    archive: Fingerprint
    graph_name: str
    graph: Fingerprint
    stand_in: bool = False

    @property
    def file_name(self) -> str:
        return self.url.rpartition("/")[2]


GOOGLES = Release(
    network="inceptionv1",
    url="https://storage.googleapis.com/download.tensorflow.org/models/inception5h.zip",
    archive=Fingerprint("d13569f6a98159de37e92e9c8ec4dae8f674fbf475f69fe6199b514f756d4364", 49_937_555),
    graph_name="tensorflow_inception_graph.pb",
    graph=Fingerprint("a39b08b826c9d5a5532ff424c03a3a11a202967544e389aca4b06c2bd8aef63f", 53_884_595),
)
"""Google's InceptionV1, Apache-2.0. TensorFlow's own build files of 2017 pin the archive by this hash."""
