// Answers of a made-up service: an output value as the HTTP answer that carries it.

const formats = {
  4: (date) => date.getTime() / 1000,
  5: (date) => date.toISOString(),
  6: (date) => date.toUTCString(),
  7: (date) => date.getTime() / 1000,
};

function scalar(ns, value) {
  if (value instanceof Date) return formats[ns.getSchema()](value);
  if (value instanceof Uint8Array) return Buffer.from(value).toString("base64");
  return value;
}

function json(ns, value) {
  if (ns.isDocumentSchema()) return value;
  if (ns.isListSchema()) return value.map((inner) => json(ns.getValueSchema(), inner));
  if (ns.isMapSchema()) {
    return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, json(ns.getValueSchema(), inner)]));
  }
  if (!ns.isStructSchema() && !ns.isUnionSchema()) return scalar(ns, value);
  const out = {};
  for (const [name, member] of ns.structIterator()) {
    if (value[name] !== undefined) out[name] = json(member, value[name]);
  }
  return out;
}

function escape(value) {
  return String(value).replace(/&/g, "&amp;").replace(/</g, "&lt;").replace(/>/g, "&gt;");
}

function xml(ns, value) {
  if (ns.isListSchema()) return value.map((inner) => `<member>${xml(ns.getValueSchema(), inner)}</member>`).join("");
  if (!ns.isStructSchema()) return escape(value instanceof Date ? value.toISOString() : scalar(ns, value));
  let out = "";
  for (const [name, member] of ns.structIterator()) {
    if (value[name] !== undefined) out += `<${name}>${xml(member, value[name])}</${name}>\n`;
  }
  return out;
}

const sts = 'xmlns="https://sts.amazonaws.com/doc/2011-06-15/"';

export function queryAnswer(operation, ns, value) {
  const result = `<${operation}Result>${xml(ns, value)}</${operation}Result>`;
  const metadata = "<ResponseMetadata><RequestId>request-1</RequestId></ResponseMetadata>";
  return {
    status: 200,
    headers: { "content-type": "text/xml" },
    body: `<${operation}Response ${sts}>${result}${metadata}</${operation}Response>`,
  };
}

// Members in headers leave the body; a payload is the whole of it; a stream begins with no frame.
export function restAnswer(status, ns, value) {
  const headers = { "content-type": "application/json" };
  const left = {};
  let body;
  for (const [name, member] of ns.structIterator()) {
    const traits = member.getMergedTraits();
    if (value[name] === undefined) continue;
    if (traits.httpHeader) headers[traits.httpHeader.toLowerCase()] = value[name];
    else if (traits.httpPayload && member.isStreaming()) body = "";
    else if (traits.httpPayload && member.isBlobSchema()) body = value[name];
    else if (traits.httpPayload) body = JSON.stringify(json(member, value[name]));
    else left[name] = json(member, value[name]);
  }
  return { status, headers, body: body ?? JSON.stringify(left) };
}

export function restFailure(code, status) {
  return {
    status,
    headers: {
      "content-type": "application/json",
      "x-amzn-errortype": `${code}:http://internal.amazon.com/coral/com.amazon.bedrock/`,
      "x-amzn-requestid": "request-1",
    },
    body: JSON.stringify({ message: `${code} & more` }),
  };
}

export function queryFailure(code, status) {
  const inner = `<Type>Sender</Type><Code>${code}</Code><Message>${code} &amp; more</Message>`;
  return {
    status,
    headers: { "content-type": "text/xml", "x-amzn-requestid": "request-1" },
    body: `<ErrorResponse ${sts}><Error>${inner}</Error><RequestId>request-1</RequestId></ErrorResponse>`,
  };
}
