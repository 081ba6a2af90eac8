-- How many of one interaction there are since then, and how many of them the share holds.
SELECT count() AS n, countIf(bitAnd(cityHash64(message_key), 65535) < {share:UInt32}) AS shared
FROM interactions_raw
WHERE workspace_id = {workspace_id:UInt32} AND type = {kind:String} AND substringUTF8(name, 1, 200) = {interaction:String}
    AND received_at >= fromUnixTimestamp64Milli({since:Int64})
