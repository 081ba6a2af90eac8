-- What was sent and not taken, newest first; `before` and `before_key` stand where the last page ended.
SELECT key, source_id, received_at, reason, detail, step, message_id, name, dialect, body
FROM quarantine
WHERE workspace_id = {workspace_id:UInt32}
  AND ({source_id:UInt32} = 0 OR source_id = {source_id:UInt32})
  AND ({reason:String} = '' OR reason = {reason:String})
  AND received_at <= fromUnixTimestamp64Milli({before:Int64})
  AND (received_at < fromUnixTimestamp64Milli({before:Int64}) OR key < {before_key:UUID})
ORDER BY received_at DESC, key DESC
LIMIT 1 BY key
LIMIT {limit:UInt32}
