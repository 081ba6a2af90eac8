-- What of these entries of the log stands in quarantine already? A replay adds to it only what it turns away for the first time.
SELECT DISTINCT workspace_id, log_seq, message_id
FROM quarantine
WHERE workspace_id IN {workspaces:Array(UInt32)}
  AND log_seq BETWEEN {first:UInt64} AND {last:UInt64}
  AND received_at BETWEEN fromUnixTimestamp64Milli({since:Int64}) AND fromUnixTimestamp64Milli({until:Int64})
