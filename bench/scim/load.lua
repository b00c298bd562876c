-- load.lua — what wrk asks; load.py sets the environment. One function for each workload returns the next request.
local env = os.getenv
local host, base, token, tag = env("HOST"), env("BASE"), env("TOKEN"), env("TAG")
local users, members = tonumber(env("USERS")), tonumber(env("MEMBERS"))
local sequence, linked, group = tonumber(env("SEQUENCE")), tonumber(env("LINKED")), env("GROUP")
local ids, cursors, made = {}, {}, 0
local LAG = 128     -- a member is removed so many additions later: with fewer connections in flight, after it was added
local PATCH = '{"schemas":["urn:ietf:params:scim:api:messages:2.0:PatchOp"],"Operations":['

local function lines(path, into)
    for line in io.lines(path) do into[#into + 1] = line end
end

local function escaped(text)
    return (text:gsub("[^%w%-%._~]", function(c) return string.format("%%%02X", c:byte()) end))
end

local head = "Host: " .. host .. "\r\nAuthorization: Bearer " .. token .. "\r\nAccept: application/scim+json\r\n"

local function get(path)
    return "GET " .. base .. path .. " HTTP/1.1\r\n" .. head .. "\r\n"
end

local function send(method, path, body)
    return method .. " " .. base .. path .. " HTTP/1.1\r\n" .. head ..
        "Content-Type: application/scim+json\r\nContent-Length: " .. #body .. "\r\n\r\n" .. body
end

local function filter(attribute, pattern, most)
    return get(string.format("/Users?filter=" .. attribute .. "%%20eq%%20%%22" .. pattern .. "%%22", math.random(most) - 1))
end

local generators = {
    get = function() return get("/Users/" .. escaped(ids[math.random(users)])) end,
    filter_name = function() return filter("userName", "u%07d%%40example.com", users) end,
    filter_external = function() return filter("externalId", "ext-u%07d", linked) end,
    filter_email = function() return filter("emails.value", "u%07d%%40example.com", users) end,
    page_first = function() return get("/Users?startIndex=1&count=100") end,
    page_deep = function() return get("/Users?startIndex=" .. 1 + 100 * (math.random(math.floor(users / 100)) - 1) .. "&count=100") end,
    cursor_first = function() return get("/Users?cursor&count=100") end,
    cursor_deep = function() return get("/Users?cursor=" .. escaped(cursors[math.random(#cursors)]) .. "&count=100") end,
    post = function()
        made = made + 1
        local u = tag .. made
        return send("POST", "/Users",
            '{"schemas":["urn:ietf:params:scim:schemas:core:2.0:User","urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"],' ..
            '"externalId":"ext-' .. u .. '","userName":"' .. u .. '@example.com","name":{"givenName":"Given' .. u ..
            '","familyName":"Family' .. u .. '","formatted":"Given' .. u .. ' Family' .. u .. '"},"displayName":"Given' .. u ..
            ' Family' .. u .. '","title":"Engineer","preferredLanguage":"en-US","active":true,"emails":[{"value":"' .. u ..
            '@example.com","type":"work","primary":true}],"urn:ietf:params:scim:schemas:extension:enterprise:2.0:User":' ..
            '{"employeeNumber":"' .. u .. '","department":"Engineering","costCenter":"4711"}}')
    end,
    patch = function()
        made = made + 1
        return send("PATCH", "/Users/" .. escaped(ids[math.random(users)]), PATCH ..
            '{"op":"replace","path":"displayName","value":"Name ' .. tag .. made ..
            '"},{"op":"replace","path":"title","value":"Title ' .. tag .. made .. '"}]}')
    end,
    -- LAG people are added; from then on one is added and the oldest of them removed, in turn: each is a change, the size stays.
    member = function()
        local after, pool, body = sequence - LAG, users - members, nil
        local add = after < 0 or after % 2 == 0
        local which = after < 0 and sequence or add and LAG + after / 2 or (after - 1) / 2
        local user = ids[members + 1 + which % pool]
        sequence = sequence + 1
        if add then
            body = '{"op":"add","path":"members","value":[{"value":"' .. user .. '"}]}]}'
        else
            body = '{"op":"remove","path":"members[value eq \\"' .. user .. '\\"]"}]}'
        end
        return send("PATCH", "/Groups/" .. escaped(group), PATCH .. body)
    end,
}

function init()
    math.randomseed(tonumber(env("SEED")))
    lines(env("IDS"), ids)
    if env("CURSORS") then lines(env("CURSORS"), cursors) end
end

request = generators[env("WORKLOAD")]

function done(summary, latency)
    local e = summary.errors
    io.write(string.format("MEASURED %d %.4f %d %d %d %d %d %d\n", summary.requests, summary.duration / 1e6,
        latency:percentile(50), latency:percentile(99), latency.max, e.status, e.connect + e.read + e.write + e.timeout,
        summary.bytes / math.max(1, summary.requests)))
end
