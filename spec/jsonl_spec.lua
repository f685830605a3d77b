-- Files of JSON lines: within the limits, no record lost between them, and joined to their answers in order.

local jsonl = require "bedrock.jsonl"
local judge = require "spec.support.judge"

local folder

before_each(function()
  folder = os.tmpname()
  os.remove(folder)
  os.execute("mkdir " .. folder)
end)
after_each(function() os.execute("rm -r " .. folder) end)

local function write(n, limits, id_of)
  local writer = jsonl.writer(folder, {
    records = limits.records or 50000, bytes = limits.bytes or 1e9, minimum = limits.minimum or 1,
  })
  for i = 1, n do assert(writer:add(id_of and id_of(i) or ("r%d"):format(i), ('{"n":%d}'):format(i))) end
  return assert(writer:finish())
end

local function lines(name)
  local list = {}
  for line in io.lines(folder .. "/" .. name) do list[#list + 1] = judge.decode(line) end
  return list
end

local function put(name, list)
  local file = assert(io.open(folder .. "/" .. name, "wb"))
  file:write(table.concat(list, "\n"))
  file:close()
  return folder .. "/" .. name
end

describe("Written records", function()
  it("are lines with id and input", function()
    local files = write(2, {}, function(i) return i == 1 and "plain-1" or 'odd "id"\n' end)
    assert.equal("0001.jsonl", files[1].file)
    local got = lines("0001.jsonl")
    assert.equal("plain-1", got[1].recordId)
    assert.equal(1, got[1].modelInput.n)
    assert.equal('odd "id"\n', got[2].recordId)
  end)

  -- records, limit, minimum, sizes of the files
  local cases = {
    { 10, 10, 1, { 10 } }, { 11, 10, 1, { 10, 1 } }, { 20, 10, 5, { 10, 10 } }, { 21, 10, 5, { 10, 6, 5 } },
    { 24, 10, 5, { 10, 9, 5 } }, { 25, 10, 5, { 10, 10, 5 } }, { 12, 10, 6, { 6, 6 } }, { 11, 10, 6, { 10, 1 } },
    { 3, 10, 5, { 3 } }, { 250, 100, 60, { 100, 90, 60 } },
  }
  for _, case in ipairs(cases) do
    local n, limit, minimum, sizes = case[1], case[2], case[3], case[4]
    it(("%d, at most %d and at least %d in a file, come as %s"):format(n, limit, minimum, table.concat(sizes, " + ")), function()
      local files = write(n, { records = limit, minimum = minimum })
      local all = 0
      for i, file in ipairs(files) do
        local got = lines(file.file)
        assert.equal(sizes[i], file.records)
        assert.equal(sizes[i], #got)
        local handle = assert(io.open(folder .. "/" .. file.file, "rb"))
        assert.equal(file.bytes, handle:seek("end"))
        handle:close()
        for _, record in ipairs(got) do
          all = all + 1
          assert.equal("r" .. all, record.recordId)
          assert.equal(all, record.modelInput.n)
        end
      end
      assert.equal(#sizes, #files)
      assert.equal(n, all)
    end)
  end

  it("begin a new file before one grows too large", function()
    local files = write(10, { bytes = 100 })
    assert.is_true(#files > 3)
    for _, file in ipairs(files) do assert.is_true(file.bytes <= 100 or file.records == 1) end
  end)

  -- Ids that rise are not remembered, others are: both must see a repetition.
  for _, order in ipairs { { "a", "b", "c" }, { "c", "b", "a" }, { "b", "a", "c" }, { "a", "c", "b" } } do
    it("have ids of their own in a file: " .. table.concat(order, " "), function()
      for _, repeated in ipairs(order) do
        local writer = jsonl.writer(folder, { records = 10, bytes = 1e9, minimum = 1 })
        for _, id in ipairs(order) do assert(writer:add(id, "{}")) end
        local ok, err = writer:add(repeated, "{}")
        assert.is_nil(ok)
        assert.equal("validation", err.kind)
        assert.matches(('"%s" occurs twice'):format(repeated), err.message)
        assert(writer:add("d", "{}"))
        assert.equal(4, assert(writer:finish())[1].records)
      end
    end)
  end

  it("have ids of their own where the last file takes some of the one before", function()
    local writer = jsonl.writer(folder, { records = 6, bytes = 1e9, minimum = 3 })
    for _, id in ipairs { "a", "b", "c", "d", "e", "f", "f" } do assert(writer:add(id, "{}")) end
    local files, err = writer:finish()
    assert.is_nil(files)
    assert.matches('"f" occurs twice', err.message)
  end)

  it("say when the disk does not take them", function()
    local writer = jsonl.writer(folder .. "/nowhere", { records = 2, bytes = 1e9, minimum = 1 })
    local ok, err = writer:add("a", "{}")
    assert.is_nil(ok)
    assert.matches("nowhere", err.message)
  end)
end)

describe("Joined records", function()
  local function join(output)
    local seen = {}
    for record, answer in assert(jsonl.join(folder .. "/0001.jsonl", output)) do
      seen[#seen + 1] = record.recordId .. "=" .. (answer and tostring(answer.modelOutput) or "none")
    end
    return table.concat(seen, " ")
  end

  it("come in the order of the input, each once, whatever the order of the answers", function()
    write(4, {})
    local output = put("out", {
      '{"modelInput":{},"modelOutput":"three","recordId":"r3"}', '{"recordId": "r1", "modelOutput": "one"}',
      '{"modelOutput":"two","recordId":"r2","modelInput":{"text":"\\"recordId\\":\\"r4\\"}"}}',
      '{"recordId":"r1","modelOutput":"again"}', '{"recordId":"stranger","modelOutput":"?"}', "",
    })
    assert.equal("r1=one r2=two r3=three r4=none", join(output))
  end)

  it("find ids that are written with escapes, and none in the text of a record", function()
    write(3, {}, function(i) return ({ "a/b", 'q"', "c" })[i] end)
    local output = put("out", {
      '{"recordId":"a\\/b","modelOutput":"slash"}', '{"modelOutput":"quote","recordId":"q\\""}',
      '{"modelInput":{"recordId":"a/b"},"modelOutput":"inner","recordId":"c","x":{}}',
    })
    assert.equal('a/b=slash q"=quote c=inner', join(output))
  end)

  it("stand alone where there are no answers at all", function()
    write(2, {})
    assert.equal("r1=none r2=none", join(nil))
  end)

  it("of a damaged file are an error", function()
    write(1, {})
    local output = put("out", { '{"recordId":"r1","modelOutput":"cut' })
    local _, answer, err = assert(jsonl.join(folder .. "/0001.jsonl", output))()
    assert.is_nil(answer)
    assert.equal("damaged", err.code)
    local none, why = jsonl.join(folder .. "/0001.jsonl", folder .. "/nothing")
    assert.is_nil(none)
    assert.equal("file", why.code)
  end)
end)
