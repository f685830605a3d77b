--- What a contestant of the benchmark is: a program that makes one pass for every line on its input and answers with the
--- seconds of CPU, user and system, that the pass took. So passes of several contestants can take turns.

---@param pass function one pass; raises when its result is not what it should be
return function(pass)
  io.stdout:setvbuf("line")
  for _ in io.lines() do
    local before = os.clock()
    pass()
    print(("%.9f"):format(os.clock() - before))
  end
end
