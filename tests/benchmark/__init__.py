"""What `make bench` measures: one function for each row of its table.

Times wander on a busy machine, so they are compared with a peer's in the same run.
"""
