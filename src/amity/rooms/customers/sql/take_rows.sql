-- Take interactions from where they were before they were given to somebody else.
DELETE FROM interactions_raw
WHERE workspace_id = {workspace_id:UInt32} AND customer_id IN {customer_ids:Array(UUID)} AND message_key IN {keys:Array(UUID)}
