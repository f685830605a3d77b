--- Where a loop over something that waits cannot work, it says so instead of the interpreter's riddle.
--
-- Plain Lua 5.1 cannot suspend a coroutine inside of the iterator of a generic `for`; all other Luas can.

local loops = {}

local fragile_for = _VERSION == "Lua 5.1" and not rawget(_G, "jit")

--- Raises when a generic `for` would have to wait where it cannot.
---@param transport bedrock.Transport
---@param what string the iterator, as the user wrote it
---@param instead string how to write the loop there
---@param level integer? of the error, as for `error`
function loops.check(transport, what, instead, level)
  if not (fragile_for and transport.yields and transport:yields()) then return end
  local text = "%s cannot wait inside a coroutine on Lua 5.1, whose `for` cannot be suspended; " ..
    "use `while true do local %s ... end` there"
  error(text:format(what, instead), (level or 1) + 1)
end

return loops
