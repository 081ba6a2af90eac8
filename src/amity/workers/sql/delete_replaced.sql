-- Take away what a replay's rows stand in for: what was projected earlier from the same entries of the log.
-- The times keep the search to few parts, and rows of an older log that had the same sequences out of it.
-- As a patch: else each part that holds such a row, which soon is every one, would be written anew for each batch of a replay.
DELETE FROM interactions_raw
WHERE log_seq BETWEEN {first:UInt64} AND {last:UInt64}
  AND time BETWEEN fromUnixTimestamp64Milli({since:Int64}) AND fromUnixTimestamp64Milli({until:Int64})
  AND received_at BETWEEN fromUnixTimestamp64Milli({received_since:Int64}) AND fromUnixTimestamp64Milli({received_until:Int64})
  AND projected_at < fromUnixTimestamp64Milli({before:Int64})
  AND ({workspace:UInt32} = 0 OR workspace_id = {workspace:UInt32})
SETTINGS lightweight_delete_mode = 'lightweight_update'
