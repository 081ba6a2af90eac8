-- The latest interactions of one customer in which something is kept encrypted.
SELECT message_key, time, type, name, held.1 AS properties, held.2 AS traits, context
FROM
(
    SELECT message_key, time, type, name, (toString(properties), toString(traits)) AS held, context
    FROM interactions_raw
    WHERE workspace_id = {workspace_id:UInt32} AND customer_id IN {customer_ids:Array(UUID)}
)
WHERE position(held.1, {mark:String}) > 0 OR position(held.2, {mark:String}) > 0 OR position(context, {mark:String}) > 0
ORDER BY time DESC, message_key DESC
LIMIT {limit:UInt32}
