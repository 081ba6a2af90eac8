-- What was told of an account, newest first: the traits of its group calls, as JSON text.
SELECT toUnixTimestamp64Milli(time) AS at, message_key, source_id, if(raw.told = '', toString(raw.traits), raw.told) AS told
FROM interactions_raw AS raw
WHERE workspace_id = {workspace_id:UInt32} AND group_id = {account:String} AND type = 'group' AND told NOT IN ('', '{}')
ORDER BY time DESC, UUIDToNum(message_key) DESC
LIMIT {limit:UInt32}
