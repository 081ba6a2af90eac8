-- Quarantined events by their keys, for sending them again.
SELECT key, source_id, received_at, reason, detail, step, message_id, name, dialect, body
FROM quarantine
WHERE workspace_id = {workspace_id:UInt32} AND key IN {keys:Array(UUID)}
ORDER BY received_at, key
LIMIT 1 BY key
