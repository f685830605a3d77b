"""call.py PORT CALLS: small Converse calls one after the other over one connection, CALLS of them a pass."""
import sys

from contestant import KEYS, contest
from model import session

port, calls = sys.argv[1], int(sys.argv[2])
client = session().create_client(
    "bedrock-runtime", region_name="us-east-1", endpoint_url="http://127.0.0.1:" + port, **KEYS
)
messages = [{"role": "user", "content": [{"text": "Hello"}]}]


def one_pass():
    for _ in range(calls):
        answer = client.converse(modelId="answer", messages=messages)
        assert len(answer["output"]["message"]["content"][0]["text"]) > 10


contest(one_pass)
