"""One pass for every line of the input, as bench/contestant.lua says."""
import sys
import time

KEYS = {
    "aws_access_key_id": "AKIDEXAMPLE",
    "aws_secret_access_key": "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY",
}


def contest(one_pass):
    for _ in sys.stdin:
        before = time.process_time()
        one_pass()
        print("%.9f" % (time.process_time() - before), flush=True)
