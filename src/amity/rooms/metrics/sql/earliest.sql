-- When a workspace's first interaction was, in ms; the newest possible where there is none.
SELECT if(count() = 0, 4102444800000, toUnixTimestamp64Milli(min(time))) AS first
FROM interactions_raw
WHERE workspace_id = {workspace_id:UInt32}
