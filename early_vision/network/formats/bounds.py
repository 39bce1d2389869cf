"""How large the files of networks may be: what is larger is a mistake or an attack."""

MAX_FILE_BYTES = 1 << 28
"""256 MiB. Google's archive and its graph have 50 MB."""
