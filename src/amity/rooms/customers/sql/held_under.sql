-- Which of these interactions the past holds under which of these ids.
SELECT DISTINCT message_key, customer_id
FROM interactions_raw
WHERE workspace_id = {workspace_id:UInt32} AND customer_id IN {customer_ids:Array(UUID)} AND message_key IN {keys:Array(UUID)}
