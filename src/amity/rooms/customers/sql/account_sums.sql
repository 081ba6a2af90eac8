-- How much an account's members did for it, and what that was worth: of the same interactions as its story.
SELECT currency, uniqExactIf(message_key, voice != 'ours') AS interactions, sum(worth) AS total
FROM (
    SELECT message_key, any(currency) AS currency, any(voice) AS voice, any(value) AS worth
    FROM interactions_raw
    WHERE workspace_id = {workspace_id:UInt32}
        AND customer_id IN {customer_ids:Array(UUID)}
        AND (
            group_id = {account:String}
            OR (group_id = '' AND toUnixTimestamp64Milli(time) >= {since:Array(Int64)}[indexOf({customer_ids:Array(UUID)}, customer_id)])
        )
    GROUP BY message_key
)
GROUP BY currency
