-- Interactions for a file, under the customers of today. Empty filters let everything through; `until` is left out.
SELECT
    toUnixTimestamp64Milli(raw.time) AS at,
    toString(if(mapped.newest = 0, raw.customer_id, mapped.current_id)) AS customer,
    toString(raw.message_key) AS key,
    message_id, type, name, channel, touchpoint, voice, source_id, dialect,
    if(session_id = toUUID('00000000-0000-0000-0000-000000000000'), NULL, toString(session_id)) AS session,
    session_start, previous_name, toUnixTimestamp64Milli(previous_time) AS previous_at, value, currency,
    user_id, anonymous_id, group_id, url, path, referrer, campaign_source, campaign_medium, campaign_name,
    browser, os, device, country, ip, gpc, toJSONString(consent) AS consents, toJSONString(flags) AS odd,
    toString(properties) AS properties_text, toString(traits) AS traits_text, context,
    toUnixTimestamp64Milli(original_at) AS claimed_at, toUnixTimestamp64Milli(received_at) AS arrived_at
FROM interactions_raw AS raw
LEFT JOIN
(
    SELECT old_id, argMax(current_id, version) AS current_id, max(version) AS newest
    FROM merges
    WHERE workspace_id = {workspace_id:UInt32}
    GROUP BY old_id
) AS mapped ON raw.customer_id = mapped.old_id
WHERE raw.workspace_id = {workspace_id:UInt32}
    AND time >= fromUnixTimestamp64Milli({since:Int64}, 'UTC')
    AND time < fromUnixTimestamp64Milli({until:Int64}, 'UTC')
    AND (empty({customer_ids:Array(UUID)}) OR raw.customer_id IN {customer_ids:Array(UUID)})
    AND (empty({sources:Array(UInt32)}) OR source_id IN {sources:Array(UInt32)})
    AND (empty({names:Array(String)}) OR name IN {names:Array(String)})
    AND (empty({channels:Array(String)}) OR channel IN {channels:Array(String)})
    AND (empty({types:Array(String)}) OR type IN {types:Array(String)})
    AND (empty({voices:Array(String)}) OR voice IN {voices:Array(String)})
    AND (empty({spelled:Array(String)}) OR (
        raw.type = 'track' AND (raw.name IN {exact:Array(String)} OR has({spelled:Array(String)}, lowerUTF8(replaceRegexpAll(raw.name, '[^\\p{L}\\p{N}]+', ''))))
    ))
    AND (NOT {money:Bool} OR raw.value != 0)
    AND ({case:String} = '$' OR JSON_VALUE(toString(properties), {case:String}) != '')
ORDER BY
    multiIf({case:String} != '$', JSON_VALUE(toString(properties), {case:String}), {by_customer:Bool}, customer, ''),
    raw.time,
    raw.message_key
