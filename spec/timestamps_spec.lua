local timestamps = require "bedrock.timestamps"

describe("a time", function()
  local texts = {
    -- text, seconds
    { "1970-01-01T00:00:00Z", 0 },
    { "2024-05-01T12:30:00Z", 1714566600 },
    { "2024-02-29T23:59:59Z", 1709251199 },
    { "2000-02-29T00:00:00Z", 951782400 },
    { "1969-12-31T23:59:59Z", -1 },
    { "0001-01-01T00:00:00Z", -62135596800 },
    { "9999-12-31T23:59:59Z", 253402300799 },
  }

  for _, case in ipairs(texts) do
    it(case[1] .. " is so many seconds, and back", function()
      assert.equal(case[2], timestamps.seconds(case[1]))
      assert.equal(case[1], timestamps.iso8601(case[2]))
    end)
  end

  local read = {
    { "2024-05-01T12:30:00.250Z", 1714566600.25 },
    { "2024-05-01T12:30:00.123456789Z", 1714566600.123456789 },
    { "2024-05-01T14:30:00+02:00", 1714566600 },
    { "2024-05-01T14:30:00+0200", 1714566600 },
    { "2024-05-01T12:00:00-00:30", 1714566600 },
    { "2024-05-01t12:30:00z", 1714566600 },
    { "2024-05-01 12:30:00Z", 1714566600 },
    { "2024-05-01", 1714521600 },
    { "2016-12-31T23:59:60Z", 1483228800 },
    { "Wed, 01 May 2024 12:30:00 GMT", 1714566600 },
    { "Thu, 01 Jan 1970 00:00:00 GMT", 0 },
    { "1714566600", 1714566600 },
    { "1714566600.5", 1714566600.5 },
    { 1714566600, 1714566600 },
  }

  for _, case in ipairs(read) do
    it(tostring(case[1]) .. " is read", function()
      assert.equal(case[2], timestamps.seconds(case[1]))
    end)
  end

  local refused = {
    "", "now", "2024-13-01T00:00:00Z", "2024-00-01T00:00:00Z", "2023-02-29T00:00:00Z", "1900-02-29T00:00:00Z",
    "2024-05-01T24:30:00Z", "2024-05-01T12:60:00Z", "2024-05-01T12:30:61Z", "2024-05-01T12:30:00", "2024-05-01T12:30Z",
    "2024-05-01T12:30:00.Z", "2024-05-01T12:30:00+25:00", "2024-05-01T12:30:00 PST", "24-05-01T12:30:00Z",
    "Wed, 01 Foo 2024 12:30:00 GMT", "Wed, 31 Jun 2024 12:30:00 GMT", "1e9", "0x10", 1e300, -1e300, 0 / 0, 1 / 0,
  }

  for _, text in ipairs(refused) do
    it(tostring(text) .. " is refused", function()
      local seconds, why = timestamps.seconds(text)
      assert.is_nil(seconds)
      assert.is_truthy(why:find("is not a time", 1, true))
    end)
  end

  it("must be seconds or text", function()
    assert.same({ nil, "a time must be seconds or text, got table" }, { timestamps.seconds({}) })
  end)

  it("keeps milliseconds when it has any", function()
    assert.equal("2024-05-01T12:30:00.250Z", timestamps.iso8601(1714566600.25))
    assert.equal("2024-05-01T12:30:00.007Z", timestamps.iso8601("2024-05-01T12:30:00.007Z"))
    assert.equal("1969-12-31T23:59:59.500Z", timestamps.iso8601(-0.5))
    assert.equal("2024-05-01T12:30:01Z", timestamps.iso8601(1714566600.9999))
  end)

  it("is told in UTC", function()
    assert.equal("2024-05-01T12:30:00Z", timestamps.iso8601("2024-05-01T14:30:00+02:00"))
  end)

  it("can be written as an HTTP date", function()
    assert.equal("Wed, 01 May 2024 12:30:00 GMT", timestamps.httpdate(1714566600.9))
    assert.equal("Sun, 06 Nov 1994 08:49:37 GMT", timestamps.httpdate("1994-11-06T08:49:37Z"))
    assert.equal("Wed, 31 Dec 1969 23:59:59 GMT", timestamps.httpdate(-1))
  end)

  it("comes back the same from every day of four centuries", function()
    local day, previous = 86400, nil
    for days = -135140, 11000, 1 do
      local text = timestamps.iso8601(days * day)
      assert(timestamps.seconds(text) == days * day, text)
      assert(not previous or previous < text, text)
      previous = text
    end
  end)
end)
