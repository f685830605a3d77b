-- A question about a PDF, in both formats, with the places that the answer rests on.
--
--   make run SCRIPT=examples/pdf.lua ARGS="report.pdf 'What is the total?'"
--
-- In Converse a model sees the pages of a PDF only when citations are on; without them it gets the text alone. So
-- bedrock.content.document switches them on there (citations = false switches them off). In the Messages format pages are
-- always seen, and citations are asked for here.

local bedrock = require "bedrock"

-- A PDF of one page with one line on it, for those who have none at hand.
local function small_pdf(line)
  local objects = {
    "<< /Type /Catalog /Pages 2 0 R >>",
    "<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
    "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 300 100] /Contents 4 0 R /Resources << /Font << /F 5 0 R >> >> >>",
    ("<< /Length %d >>\nstream\nBT /F 18 Tf 20 40 Td (%s) Tj ET\nendstream"):format(#line + 32, line),
    "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
  }
  local parts, size, places = { "%PDF-1.4\n" }, 9, {}
  for i, object in ipairs(objects) do
    places[i] = ("%010d 00000 n \n"):format(size)
    parts[#parts + 1] = ("%d 0 obj\n%s\nendobj\n"):format(i, object)
    size = size + #parts[#parts]
  end
  parts[#parts + 1] = "xref\n0 6\n0000000000 65535 f \n" .. table.concat(places)
  parts[#parts + 1] = ("trailer << /Size 6 /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n"):format(size)
  return table.concat(parts)
end

local source = arg[1] or { bytes = small_pdf("The invoice comes to 42 euros."), title = "Invoice" }
local document = assert(bedrock.content.document(source, { citations = true }))
local messages = { { role = "user", content = { document, arg[2] or "What does the document say?" } } }

local client = bedrock.new()
local model = os.getenv("BEDROCK_MODEL") or "global.anthropic.claude-sonnet-4-5-20250929-v1:0"

local function show(how, reply)
  print(how .. ": " .. reply:text())
  for _, citation in ipairs(reply:citations()) do print(("  from %s: %q"):format(citation.title, citation.cited_text)) end
  print(("  (%d tokens in)"):format(reply.usage.total_input_tokens))
end

show("Messages", assert(client.messages:create { model = model, max_tokens = 512, messages = messages }))
show("Converse", assert(client:converse { modelId = model, inferenceConfig = { maxTokens = 512 }, messages = messages }))
