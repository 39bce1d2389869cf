"""Reading what authors write: markdown, directives, neuron groups; every problem reported with file and line."""
