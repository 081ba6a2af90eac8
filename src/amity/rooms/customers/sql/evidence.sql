-- What customers did under any of their ids, with all that identifies and describes them: to work out anew whose it is.
SELECT
    customer_id, message_key, toUnixTimestamp64Milli(time) AS at, toUnixTimestamp64Milli(received_at) AS arrived_at, type, name,
    source_id, dialect, voice, log_seq, log_index, user_id, anonymous_id, previous_id, gpc, if(told != '', told, toJSONString(traits)) AS said,
    if(dialect = 'amity' OR match(context, '"(traits|device|externalIds|consent)"'), context, '') AS around,
    country, if(type = 'track' AND positionCaseInsensitive(name, 'consent') > 0, toJSONString(properties), '') AS answer
FROM interactions_raw
WHERE workspace_id = {workspace_id:UInt32} AND customer_id IN {customer_ids:Array(UUID)}
ORDER BY message_key, customer_id
