--- A client whose transport answers from memory, in reads of 16 KiB: everything of the library but the socket.

local bedrock = require "bedrock"

local source = {}

--- The bytes of a file in pieces.
---@param path string
---@return string[]
function source.pieces(path)
  local pieces, file = {}, assert(io.open(path, "rb"))
  for piece in function() return file:read(16384) end do pieces[#pieces + 1] = piece end
  file:close()
  return pieces
end

local function answer(pieces)
  local at = 0
  return {
    status = 200, headers = { ["content-type"] = "application/vnd.amazon.eventstream" },
    read = function()
      at = at + 1
      return pieces[at]
    end,
    read_all = function() return table.concat(pieces) end,
    close = function() end,
  }
end

--- A client that gets these pieces for every request.
---@param pieces string[]
---@param api string? as for `bedrock.new`
---@return bedrock.Client
function source.client(pieces, api)
  return bedrock.new {
    api = api, region = "us-east-1",
    access_key_id = "AKIDEXAMPLE", secret_access_key = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY",
    transport = {
      request = function() return answer(pieces) end,
      now = function() return os.time() end,
      sleep = function() end,
    },
  }
end

return source
