"""The file formats that weights come in, one a module: each reads bytes as numbers by name, and executes nothing."""
