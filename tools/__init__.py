"""What stands beside the package: training the embedded network anew, and the references that tests and benchmarks use."""
