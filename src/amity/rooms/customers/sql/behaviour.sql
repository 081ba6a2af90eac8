-- What customers did, a row each, of one part of them: counts by channel, event, part of the day; first, last, days, value, service.
SELECT
    if(mapped.newest = 0, raw.customer_id, mapped.current_id) AS customer,
    count() AS interactions,
    uniqExact(toDate(raw.time, {zone:String})) AS days,
    toUnixTimestamp64Milli(min(raw.time)) AS first,
    toUnixTimestamp64Milli(max(raw.time)) AS last,
    toFloat64(ifNull(sum(raw.value), 0)) AS value,
    countIf(
        has({service_channels:Array(String)}, raw.channel)
        OR (raw.type = 'track' AND has({service_names:Array(String)}, lowerUTF8(replaceRegexpAll(raw.name, '[^\\p{L}\\p{N}]+', ''))))
    ) AS service,
    countIf(toDayOfWeek(raw.time, 0, {zone:String}) > 5) AS weekend,
    sumForEach(arrayMap(part -> toUInt32(intDiv(toHour(raw.time, {zone:String}), 6) = part), [0, 1, 2, 3])) AS hours,
    sumForEach(arrayMap(one -> toUInt32(raw.channel = one), {channels:Array(String)})) AS by_channel,
    sumForEach(arrayMap(one -> toUInt32(raw.name = one AND raw.type IN ('track', 'page', 'screen')), {events:Array(String)})) AS by_event
FROM interactions_raw AS raw
LEFT JOIN
(
    SELECT old_id, argMax(current_id, version) AS current_id, max(version) AS newest
    FROM merges
    WHERE workspace_id = {workspace_id:UInt32}
    GROUP BY old_id
) AS mapped ON raw.customer_id = mapped.old_id
WHERE raw.workspace_id = {workspace_id:UInt32} AND raw.voice != 'ours'
    AND cityHash64(if(mapped.newest = 0, raw.customer_id, mapped.current_id)) % {parts:UInt32} = {part:UInt32}
GROUP BY customer
HAVING interactions >= {least:UInt32}
ORDER BY customer
