-- Identifiers that came together, under each id the first time; one by one what brought an identifier or showed a merge.
SELECT
    customer_id, alias, user_id, anonymous_id, previous_id, email, phone, their_email, their_phone, device, advertising, others,
    argMin((message_key, toUnixTimestamp64Milli(received_at), log_seq, log_index), (log_seq, log_index)) AS first
FROM
(
    SELECT
        customer_id, message_key, received_at, log_seq, log_index, user_id, anonymous_id,
        type = 'alias' AS alias,
        if(alias, previous_id, '') AS previous_id,
        if(type = 'group', '', if(told != '', told, toJSONString(traits))) AS said,
        match(context, '"(traits|device|externalIds)"') AS speaks,
        JSONExtractString(said, 'email') AS email,
        JSONExtractString(said, 'phone') AS phone,
        if(speaks, JSONExtractString(context, 'traits', 'email'), '') AS their_email,
        if(speaks, JSONExtractString(context, 'traits', 'phone'), '') AS their_phone,
        if(speaks, JSONExtractString(context, 'device', 'id'), '') AS device,
        if(speaks, JSONExtractString(context, 'device', 'advertisingId'), '') AS advertising,
        if(speaks, JSONExtractRaw(context, 'externalIds'), '') AS others,
        if(message_key IN {keys:Array(UUID)}, message_key, toUUID('00000000-0000-0000-0000-000000000000')) AS alone
    FROM interactions_raw
    WHERE workspace_id = {workspace_id:UInt32} AND customer_id IN {customer_ids:Array(UUID)}
        AND NOT (dialect = 'amity' AND toUUIDOrNull(JSONExtractString(context, 'customer_id')) IS NOT NULL)
)
GROUP BY
    customer_id, alias, user_id, anonymous_id, previous_id, email, phone, their_email, their_phone, device, advertising, others, alone
