-- The latest of one interaction, to show what its properties look like. First which they are, then their properties: read with
-- everything else that was looked through, those would take ten times as long.
SELECT toString(properties) AS properties, toString(traits) AS traits
FROM interactions_raw
WHERE workspace_id = {workspace_id:UInt32} AND received_at >= fromUnixTimestamp64Milli({since:Int64}, 'UTC')
    AND (received_at, message_key) IN (
        SELECT received_at, message_key
        FROM interactions_raw
        WHERE workspace_id = {workspace_id:UInt32} AND type = {kind:String} AND substringUTF8(name, 1, 200) = {interaction:String}
            AND received_at >= fromUnixTimestamp64Milli({since:Int64}, 'UTC')
        ORDER BY received_at DESC
        LIMIT {limit:UInt32}
    )
ORDER BY received_at DESC
