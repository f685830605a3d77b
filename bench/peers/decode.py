"""decode.py FILE COUNT: botocore reads a ConverseStream of COUNT events from memory, in reads of 16 KiB."""
import sys

from botocore.eventstream import EventStream
from botocore.parsers import EventStreamJSONParser

from contestant import contest
from model import session

path, expected = sys.argv[1], int(sys.argv[2])
shape = session().get_service_model("bedrock-runtime").operation_model("ConverseStream").output_shape.members["stream"]
with open(path, "rb") as f:
    pieces = list(iter(lambda: f.read(16384), b""))


class Source:
    def stream(self):
        return iter(pieces)

    def close(self):
        pass


def one_pass():
    seen = 0
    for event in EventStream(Source(), shape, EventStreamJSONParser(), "ConverseStream"):
        seen += 1 if event else 0
    assert seen == expected, seen


contest(one_pass)
