-- Which of these messages does the past hold from another place of the log? In a replay those are later duplicates.
SELECT DISTINCT message_key
FROM interactions_raw
WHERE workspace_id = {workspace_id:UInt32}
  AND time BETWEEN fromUnixTimestamp64Milli({since:Int64}) AND fromUnixTimestamp64Milli({until:Int64})
  AND message_key IN {keys:Array(UUID)}
  AND NOT (log_seq BETWEEN {first:UInt64} AND {last:UInt64})
