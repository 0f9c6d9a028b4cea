"""A provider of one resource, made with the Python framework `tf`: what ours is compared with.

It keeps a note in the state alone, and runs in an environment of its own.
"""
# mypy: ignore-errors

from tf import types
from tf.iface import Provider, Resource
from tf.runner import run_provider
from tf.schema import Attribute, Schema


class Note(Resource):
    def __init__(self, provider):
        self.provider = provider

    @classmethod
    def get_name(cls):
        return "note"

    @classmethod
    def get_schema(cls):
        return Schema(
            attributes=[
                Attribute("name", types.String(), required=True),
                Attribute("uuid", types.String(), computed=True, default="n1"),
            ]
        )

    def create(self, ctx, planned):
        return {**planned, "uuid": "n1"}

    def read(self, ctx, current):
        return current

    def update(self, ctx, current, planned):
        return planned

    def delete(self, ctx, current):
        return None


class Peer(Provider):
    def get_model_prefix(self):
        return "peer_"

    def get_provider_schema(self, diags):
        return Schema(attributes=[])

    def full_name(self):
        return "terraform.local/tests/peer"

    def validate_config(self, diags, config):
        pass

    def configure_provider(self, diags, config):
        pass

    def get_data_sources(self):
        return []

    def get_resources(self):
        return [Note]


def main():
    run_provider(Peer())
