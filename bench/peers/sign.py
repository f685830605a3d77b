"""sign.py BYTES COUNT: botocore signs a request with a body of BYTES, COUNT times a pass."""
import sys

from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

from contestant import KEYS, contest

size, count = int(sys.argv[1]), int(sys.argv[2])
auth = SigV4Auth(
    Credentials(KEYS["aws_access_key_id"], KEYS["aws_secret_access_key"], "AQoDYXdzEPT" * 40), "bedrock", "us-east-1"
)
body = b"x" * size
url = "https://bedrock-runtime.us-east-1.amazonaws.com/model/anthropic.claude-3-haiku-20240307-v1%3A0/converse"
headers = {
    "Content-Type": "application/json",
    "User-Agent": "botocore",
    "amz-sdk-invocation-id": "5f1fc2d5-3b9c-4a5b-8d6e-0d2b1f3a4c5d",
    "amz-sdk-request": "attempt=1; max=3",
}


def one_pass():
    for _ in range(count):
        request = AWSRequest(method="POST", url=url, data=body, headers=dict(headers))
        auth.add_auth(request)
        assert request.headers["Authorization"]


contest(one_pass)
