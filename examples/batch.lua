-- Many questions as a batch: written to disk, answered by Bedrock's own jobs at half the price, read back in order.
--
--   make run SCRIPT=examples/batch.lua ARGS="100000 my-batch"
--
-- Stop it whenever you like and start it again with the same arguments: it goes on where it was. The bucket and the role
-- are yours: BEDROCK_BATCH_S3=s3://bucket/prefix BEDROCK_BATCH_ROLE=arn:aws:iam::...:role/...

local bedrock = require "bedrock"

local count, folder = tonumber(arg[1] or 1000), arg[2] or "batch-example"

-- Any iterator will do: the lines of a file, the rows of a database. One record is in memory at a time.
local function questions()
  local i = 0
  return function()
    i = i + 1
    if i > count then return nil end
    return {
      recordId = ("Q%010d"):format(i),
      modelInput = { max_tokens = 32, messages = { { role = "user", content = "In one word: what comes after " .. i .. "?" } } },
    }
  end
end

local run = assert(bedrock.batch.run(bedrock.new(), {
  folder = folder, records = questions(),
  model = os.getenv("BEDROCK_MODEL") or "global.anthropic.claude-haiku-4-5-20251001-v1:0",
  s3 = os.getenv("BEDROCK_BATCH_S3") or "s3://bedrock-batch-example/runs",
  role_arn = os.getenv("BEDROCK_BATCH_ROLE") or "arn:aws:iam::123456789012:role/BedrockBatch",
  records_per_job = tonumber(os.getenv("BEDROCK_BATCH_RECORDS_PER_JOB")),
}))

local answered, failed = 0, 0
for result in run:results() do
  if result.error then
    failed = failed + 1
    print(result.recordId, result.error)
  else
    answered = answered + 1
    if answered <= 3 then print(result.recordId, result.reply:text()) end
  end
end
print(("%d answered, %d failed, in %d jobs"):format(answered, failed, #run:jobs()))
