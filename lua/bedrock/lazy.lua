--- A module that is loaded with its first use: most programs need few parts of the library, and reading the source of the
--- others is most of what a short script would wait for.

---@param name string as for require
---@return table module what is looked up in it is looked up in the module
return function(name)
  return setmetatable({}, {
    __index = function(self, key)
      local value = require(name)[key]
      rawset(self, key, value)
      return value
    end,
  })
end
