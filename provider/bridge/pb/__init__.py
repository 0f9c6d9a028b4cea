"""The generated protobuf messages; `make proto` writes them from `proto/`.

There are no generated service classes: services are registered from the
message descriptors, so that importing a message does not import grpc.
"""
