"""The log of a training: one JSON object a line. Needs no PyTorch."""

import json
from pathlib import Path

from early_vision.errors import InputError
from early_vision.store import write_whole

Record = dict[str, float | int]
"""`step`, and either `epoch`, `loss`, `accuracy`, `learning_rate`, `size`, `seconds` (of the steps since the last such
line; accuracy on augmented training pictures) or `held_out_accuracy`."""


class Journal:
    """Appends records to a file. A resumed run first drops what an interrupted one wrote after its last checkpoint."""

    def __init__(self, path: Path, done_steps: int):
        """
        Raises:
            InputError: when the file cannot be written, which so shows before hours of training.
        """
        self.path = path
        kept = [record for record in read_journal(path) if record["step"] <= done_steps] if done_steps else []
        write_whole(path, lambda file: file.write("".join(json.dumps(record) + "\n" for record in kept).encode()))

    def add(self, record: Record) -> None:
        try:
            with self.path.open("a") as file:
                file.write(json.dumps(record) + "\n")
        except OSError as error:
            raise InputError(f"the log cannot be written ({error.strerror})", file=self.path) from error


def read_journal(path: Path) -> list[Record]:
    """The records of a log; none when there is no log. A last line cut short by a kill is left out."""
    records = []
    for line in path.read_text().splitlines() if path.is_file() else ():
        try:
            records.append(json.loads(line))
        except json.JSONDecodeError:
            continue
    return records
