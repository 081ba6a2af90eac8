-- Which of these messages does the past hold already? Asked for interactions that tell of long ago, beyond what dedupe remembers.
SELECT DISTINCT message_key
FROM interactions_raw
WHERE workspace_id = {workspace_id:UInt32}
  AND time BETWEEN fromUnixTimestamp64Milli({since:Int64}) AND fromUnixTimestamp64Milli({until:Int64})
  AND message_key IN {keys:Array(UUID)}
