"""The retry rules once more, written from their description alone, to print the table that spec/retry_spec.lua runs.

    python3 spec/support/retry_reference.py > spec/retry_cases.lua

The rules are those of the AWS SDKs (standard in two generations, legacy, adaptive), with `Retry-After` and
`retry-after-ms` obeyed beside AWS's own header, and `x-should-retry`, by which a service has the last word about its own
answer. "api STATUS CODE" is an answer of an API that is Anthropic's own: there 408, 409 and all from 500 up are tried
again, as Anthropic's clients do, unless a code that is known says otherwise. Nothing here is taken from lua/bedrock/retry.lua.
"""

THROTTLING = """Throttling ThrottlingException ThrottledException RequestThrottledException TooManyRequestsException
ProvisionedThroughputExceededException TransactionInProgressException RequestLimitExceeded BandwidthLimitExceeded
LimitExceededException RequestThrottled SlowDown PriorRequestNotComplete EC2ThrottledException""".split()

TRANSIENT_CODES = ["RequestTimeout", "RequestTimeoutException", "ModelNotReadyException", "IDPCommunicationError",
                   "InternalServerException", "ServiceUnavailableException"]
TRANSIENT_STATUS = [500, 502, 503, 504]
FINAL_CODES = [(408, "ModelTimeoutException"), (424, "ModelErrorException"), (400, "ServiceQuotaExceededException"),
               (400, "ValidationException"), (403, "AccessDeniedException"), (404, "ResourceNotFoundException"),
               (409, "ConflictException"), (403, "ExpiredTokenException"), (403, "UnrecognizedClientException"),
               (403, "InvalidSignatureException"), (400, "SomethingNobodyKnows")]

# Frames of exceptions and in-band errors that come before anything else of a stream.
FRAMES = {"throttlingException": "throttle", "internalServerException": "server", "serviceUnavailableException": "server",
          "modelTimeoutException": None, "validationException": None, "modelStreamErrorException": None,
          "modelNotReadyException": "server", "overloaded_error": "throttle", "rate_limit_error": "throttle",
          "api_error": "server", "timeout_error": "server", "invalid_request_error": None, "authentication_error": None,
          "permission_error": None, "not_found_error": None, "request_too_large": None, "somethingElse": None}


def http(status, code=""):
    """What kind of retry an answer deserves: "throttle", "server" or None; and whether legacy mode sees more in it."""
    if code in THROTTLING:
        return "throttle"
    if code in TRANSIENT_CODES or status in TRANSIENT_STATUS:
        return "server"
    return "throttle" if status in (429, 529) and code not in (known for _, known in FINAL_CODES[:-1]) else None


ANTHROPIC = {"invalid_request_error": None, "authentication_error": None, "permission_error": None, "not_found_error": None,
             "request_too_large": None, "rate_limit_error": "throttle", "overloaded_error": "throttle", "api_error": "server",
             "timeout_error": "server"}


def messages(status, code):
    known = code in THROTTLING or code in TRANSIENT_CODES or code in (each for _, each in FINAL_CODES[:-1])
    if status in TRANSIENT_STATUS or known:
        return http(status, code)
    if code in ANTHROPIC:
        return ANTHROPIC[code]
    if status in (429, 529):
        return "throttle"
    return "server" if status in (408, 409) or status >= 500 else None


def kind_of(failure, mode, read_timeouts, header):
    what, _, detail = failure.partition(" ")
    if what == "api" or what.isdigit():
        kind = answered(failure.removeprefix("api "), what == "api", mode)
        if header == ("x-should-retry", "true"):
            return kind or ("throttle" if what == "429" else "server")
        return None if header == ("x-should-retry", "false") else kind
    if what == "frame":
        return FRAMES[detail]
    if what == "network":
        return None if detail in ("limit", "memory") else "server"
    if what == "stream":
        return "server" if detail in ("reset", "cut", "closed") else None
    if what == "timeout":
        return "timeout" if detail == "connect" or (read_timeouts and detail in ("first_byte", "idle")) else None
    if what in ("tls", "cancelled"):
        return None
    raise ValueError(failure)


def answered(text, of_messages, mode):
    what, _, code = text.partition(" ")
    status = int(what)
    kind = (messages if of_messages else http)(status, code)
    if mode == "legacy" and kind is None and status in (429, 509):
        return "server"
    return kind


def decide(case):
    """The delay in seconds and what is left in the bucket; or None, and why."""
    kind = kind_of(case["failure"], case["mode"], case["read_timeouts"], case["header"])
    if kind is None:
        return None, "not retryable"
    if case["attempt"] >= case["most"]:
        return None, "no attempts left"
    if case["mode"] == "legacy":
        return case["random"] * 2 ** (case["attempt"] - 1), case["bucket"]
    newer = case["generation"] == "2.1"
    if newer:
        cost = 5 if kind == "throttle" else 14
        base = 1 if kind == "throttle" else 0.05
    else:
        cost = 10 if kind == "timeout" else 5
        base = 1
    if case["bucket"] < cost:
        return None, "retry quota used up"
    own = case["random"] * min(base * 2 ** (case["attempt"] - 1), 20)
    return asked(case, own, newer), case["bucket"] - cost


def asked(case, own, newer):
    name, value = case["header"]
    if name == "x-amz-retry-after" and value.strip().isdigit():
        wish = int(value) / 1000
        return max(own, min(wish, own + 5)) if newer else min(wish, 20)
    wish = plain(name, value)
    return max(own, wish) if wish is not None and 0 < wish <= 60 else own


NOW = 784111777  # Sun, 06 Nov 1994 08:49:37 GMT


def plain(name, value):
    import email.utils
    import re
    if name in ("retry-after", "retry-after-ms") and re.fullmatch(r"\d+\.?\d*", value):
        return float(value) / (1000 if name == "retry-after-ms" else 1)
    if name == "retry-after" and value.endswith("GMT"):
        return email.utils.parsedate_to_datetime(value).timestamp() - NOW
    return None


def case(failure, mode="standard", generation="2.1", attempt=1, most=None, random=0.5, header=("", ""), bucket=500,
         read_timeouts=False):
    return {"failure": failure, "mode": mode, "generation": generation, "attempt": attempt,
            "most": most or {"legacy": 5}.get(mode, 3), "random": random, "header": header, "bucket": bucket,
            "read_timeouts": read_timeouts}


MODES = [("standard", "2.1"), ("standard", "2.0"), ("adaptive", "2.1"), ("legacy", "2.1")]
KINDS = ["429 ThrottlingException", "500 InternalServerException", "timeout connect"]


def failures():
    yield from ("400 " + code for code in THROTTLING)
    yield from ("429 " + code for code in ("ThrottlingException", "ModelNotReadyException", "Odd"))
    yield from ("%d" % status for status in (400, 401, 403, 404, 408, 409, 413, 422, 424, 429, 500, 501, 502, 503, 504, 505,
                                             507, 509, 529))
    yield from ("%d %s" % row for row in FINAL_CODES)
    yield from ("529 overloaded_error", "429 ServiceQuotaExceededException")
    yield from ("400 " + code for code in TRANSIENT_CODES)
    yield from ("503 ValidationException", "500 ModelErrorException", "509 Odd", "500 Odd")
    yield from ("network " + code for code in ("dns", "connect", "proxy", "reset", "closed", "transfer", "limit", "memory"))
    yield from ("stream " + code for code in ("reset", "cut", "closed", "protocol", "limit"))
    yield from ("timeout " + clock for clock in ("connect", "first_byte", "idle", "total"))
    yield from ("tls certificate", "cancelled closed")
    yield from ("frame " + name for name in FRAMES)


def headers():
    for value in ("0", "1", "100", "499", "500", "501", "1500", "5500", "5501", "20000", "20001", "99000", " 700 ", "soon",
                  "-5", "1.5", "1e3", "0x10", ""):
        yield ("x-amz-retry-after", value)
    for value in ("0", "0.2", "0.5", "1", "7", "7.25", "30", "60", "60.5", "61", "3600", "-3", "soon", "0x7", "1e1", "inf",
                  "Sun, 06 Nov 1994 08:49:44 GMT", "Sun, 06 Nov 1994 08:49:37 GMT", "Sun, 06 Nov 1994 08:49:30 GMT",
                  "Sun, 06 Nov 1994 09:49:37 GMT", "tomorrow"):
        yield ("retry-after", value)
    for value in ("0", "250", "750.5", "61000", "often"):
        yield ("retry-after-ms", value)


def anthropic():
    """Answers of the APIs that are Anthropic's own."""
    for status in (400, 401, 403, 404, 408, 409, 413, 422, 424, 429, 500, 501, 502, 503, 504, 505, 520, 529, 599):
        yield "api %d" % status
    for status, code in ((400, "invalid_request_error"), (401, "authentication_error"), (404, "not_found_error"),
                         (408, "timeout_error"), (409, "invalid_request_error"), (413, "request_too_large"),
                         (429, "rate_limit_error"), (500, "api_error"), (529, "overloaded_error"), (409, "conflict_error"),
                         (599, "something_new"), (408, "ModelTimeoutException"), (409, "ConflictException"),
                         (429, "ThrottlingException"), (424, "ModelErrorException"), (503, "ModelErrorException")):
        yield "api %d %s" % (status, code)


def cases():
    for failure in anthropic():
        for mode, generation in (("standard", "2.1"), ("legacy", "2.1")):
            yield case(failure, mode, generation)
    for value in ("true", "false", "yes", "TRUE", ""):
        for failure in ("api 400 invalid_request_error", "api 529 overloaded_error", "api 409", "api 500",
                        "400 ValidationException", "503", "429 ThrottlingException"):
            for mode in ("standard", "legacy"):
                yield case(failure, mode, header=("x-should-retry", value))
        yield case("network reset", header=("x-should-retry", value))
        yield case("timeout idle", header=("x-should-retry", value))
    for value in ("250", "3000", "61000"):
        yield case("api 529 overloaded_error", header=("retry-after-ms", value))
        yield case("api 409", header=("retry-after-ms", value))
    for failure in failures():
        for mode, generation in (("standard", "2.1"), ("legacy", "2.1")):
            yield case(failure, mode, generation)
    for clock in ("connect", "first_byte", "idle", "total"):
        for mode, generation in MODES:
            yield case("timeout " + clock, mode, generation, read_timeouts=True)
    for mode, generation in MODES:
        for failure in KINDS:
            for attempt in range(1, 10):
                yield case(failure, mode, generation, attempt, most=9, random=1 if attempt % 2 else 0.25)
    for mode, generation in MODES:
        for attempt in range(1, 6):
            yield case("503", mode, generation, attempt)
    for header in headers():
        for generation in ("2.1", "2.0"):
            yield case("429 ThrottlingException", "standard", generation, header=header)
    for header in (("x-amz-retry-after", "1500"), ("retry-after", "7")):
        yield case("429 ThrottlingException", "legacy", header=header)
        yield case("503", header=header, random=0)
    for generation, failure, cost in (("2.1", KINDS[0], 5), ("2.1", KINDS[1], 14), ("2.1", KINDS[2], 14),
                                      ("2.0", KINDS[0], 5), ("2.0", KINDS[1], 5), ("2.0", KINDS[2], 10)):
        for bucket in (0, cost - 1, cost, cost + 1):
            yield case(failure, "standard", generation, bucket=bucket)
    yield case("503", "legacy", bucket=0)


def limiter(events):
    """Sends per second after each answer, by CUBIC: (time, throttled) -> None while the limiter is off."""
    rate, on, measured, slot, count, w_max, failed_at = 0.0, False, 0.0, 0.0, 0, 0.0, 0.0
    for now, throttled in events:
        count += 1
        here = int(now * 2) / 2
        if here > slot:
            measured = 0.8 * count / (here - slot) + 0.2 * measured
            slot, count = here, 0
        if throttled:
            w_max = min(measured, rate) if on else measured
            failed_at, on, wanted = now, True, 0.7 * w_max
        elif on:
            wanted = 0.4 * (now - failed_at - (w_max * 0.3 / 0.4) ** (1 / 3)) ** 3 + w_max
        if on:
            rate = max(min(wanted, 2 * measured), 0.5)
        yield rate if on else None


def histories():
    yield [(0.25 * i, False) for i in range(1, 9)]
    yield [(0.1 * i, i % 20 == 0) for i in range(1, 81)]
    yield [(0.5 * i, i == 4) for i in range(1, 31)]
    yield [(0.05 * i, i in (40, 41, 42, 90)) for i in range(1, 161)]
    yield [(0.3 * i, True) for i in range(1, 12)]


def lua(value):
    if value is None:
        return "false"
    if isinstance(value, bool):
        return str(value).lower()
    return '"%s"' % value if isinstance(value, str) else repr(value)


def main():
    print("-- Printed by spec/support/retry_reference.py. Do not edit.\n")
    print("local cases, histories = {}, {}\n")
    print("-- mode, generation, read_timeouts | failure, attempt, of at most, random, header, its value, tokens |")
    print("-- delay or false, tokens left or why")
    print("local function row(...) cases[#cases + 1] = { ... } end\n")
    for c in cases():
        delay, rest = decide(c)
        print("row(%s)" % ", ".join(lua(v) for v in (c["mode"], c["generation"], c["read_timeouts"], c["failure"],
                                                     c["attempt"], c["most"], c["random"], *c["header"], c["bucket"],
                                                     delay, rest)))
    print("\n-- For the limiter of the adaptive mode: time, whether it was a throttle, sends per second or false while it is off.")
    for events in histories():
        print("\nhistories[#histories + 1] = {")
        for (now, throttled), rate in zip(events, limiter(events)):
            print("  { %r, %s, %s }," % (round(now, 6), lua(throttled), lua(rate)))
        print("}")
    print("\nreturn { now = %d, cases = cases, histories = histories }" % NOW)


main()
