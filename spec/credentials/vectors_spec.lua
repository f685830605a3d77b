local judge = require "spec.support.judge"

for _, name in ipairs { "credential", "endpoint", "profile" } do
  describe("The shared vectors of " .. name, function()
    it("hold, where they are at hand", function()
      local path = "../shared/vectors/" .. name .. "-cases.json"
      local file = io.open(path, "rb")
      if not file then
        print("note: " .. path .. " is not here, its cases were not run")
        return
      end
      file:close()
      local failures, passed = {}, 0
      dofile("spec/vectors/" .. name .. ".lua")(judge.read(path), function(ok, case, why)
        if ok then passed = passed + 1 else failures[#failures + 1] = case .. ": " .. tostring(why) end
      end)
      assert.same({}, failures)
      assert.is_true(passed > 0)
    end)
  end)
end
