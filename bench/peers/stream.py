"""stream.py NAME PORT [AGAIN]: the same as stream.mjs, with botocore."""
import sys

from contestant import KEYS, contest
from model import session

name, port = sys.argv[1], sys.argv[2]
again = len(sys.argv) > 3
client = session().create_client(
    "bedrock-runtime", region_name="us-east-1", endpoint_url="http://127.0.0.1:" + port, **KEYS
)


def stream():
    answer = client.converse_stream(modelId=name, messages=[{"role": "user", "content": [{"text": "?"}]}])
    seen = 0
    for event in answer["stream"]:
        seen += 1
        if seen == 1 and not again:
            print("first", flush=True)
    assert seen >= 3


if again:
    contest(stream)
else:
    stream()
