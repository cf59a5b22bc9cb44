-- Asks for the tiles of a list. Arguments after --: file with a path in each line, "once" or "again", milliseconds of
-- rest before each request. "once": each tile once, its status looked at, and the end of the run with the last answer.
local ffi = require("ffi")
ffi.cdef("int getpid(void); int kill(int pid, int signal);")

local asking

function setup(thread) asking = thread end

function init(args)
  local headers = {["Accept-Encoding"] = "gzip", ["Cookie"] = "session=" .. string.rep("k7Qz", 24)}
  local requests = {}
  for path in io.lines(args[1]) do requests[#requests + 1] = wrk.format("GET", path, headers) end
  local once, rest = args[2] == "once", tonumber(args[3])
  local sent = 0
  answered, refused = 0, {}

  -- wrk calls this once before it begins, so that the first tile comes last.
  function request()
    sent = sent + 1
    return requests[(sent - 1) % #requests + 1]
  end

  if once then
    function delay() return sent > #requests and 3600000 or 0 end
    function response(status)
      answered = answered + 1
      if status ~= 200 then
        refused[tostring(status)] = (refused[tostring(status)] or 0) + 1
      end
      if answered == #requests then
        wrk.thread:stop()
        ffi.C.kill(ffi.C.getpid(), 2) -- wakes the main thread, which otherwise sleeps until the time is over
      end
    end
  elseif rest > 0 then
    function delay() return rest * 2 * math.random() end
  end
end

function done(summary, latency)
  local faults = {}
  for status, count in pairs(asking:get("refused")) do faults[#faults + 1] = string.format('"%s":%d', status, count) end
  for _, name in ipairs({"status", "connect", "read", "write", "timeout"}) do
    if summary.errors[name] > 0 then faults[#faults + 1] = string.format('"%s":%d', name, summary.errors[name]) end
  end
  print(string.format('RESULT {"requests":%d,"seconds":%.6f,"bytes":%d,"p50_ms":%.3f,"p99_ms":%.3f,"faults":{%s}}',
    summary.requests, summary.duration / 1e6, summary.bytes, latency:percentile(50) / 1000,
    latency:percentile(99) / 1000, table.concat(faults, ",")))
end
