-- What properties and traits one interaction carried: how often, of which types, and their values while they are few and short.
-- `share` of 65536 rows are read; which ones is decided by their keys, so the same ones each time.
SELECT
    place,
    pair.1 AS name,
    count() AS n,
    countIf(pair.2 LIKE '"%') AS string,
    countIf(match(pair.2, '^-?[0-9]+$')) AS integer,
    countIf(match(pair.2, '^-?[0-9]') AND NOT match(pair.2, '^-?[0-9]+$')) AS number,
    countIf(pair.2 IN ('true', 'false')) AS boolean,
    countIf(pair.2 LIKE '{%') AS object,
    countIf(pair.2 LIKE '[%') AS array,
    countIf(pair.2 = 'null') AS null,
    groupUniqArray(13)(substring(pair.2, 1, 200)) AS some
FROM
(
    SELECT 'properties' AS place, toString(properties) AS held
    FROM interactions_raw
    WHERE workspace_id = {workspace_id:UInt32} AND type = {kind:String} AND substringUTF8(name, 1, 200) = {interaction:String}
        AND received_at >= fromUnixTimestamp64Milli({since:Int64})
        AND bitAnd(cityHash64(message_key), 65535) < {share:UInt32}
    UNION ALL
    SELECT 'traits' AS place, toString(traits) AS held
    FROM interactions_raw
    WHERE workspace_id = {workspace_id:UInt32} AND type = {kind:String} AND substringUTF8(name, 1, 200) = {interaction:String}
        AND received_at >= fromUnixTimestamp64Milli({since:Int64})
        AND bitAnd(cityHash64(message_key), 65535) < {share:UInt32}
)
ARRAY JOIN JSONExtractKeysAndValuesRaw(held) AS pair
GROUP BY place, name
ORDER BY n DESC, place, name
LIMIT 400
