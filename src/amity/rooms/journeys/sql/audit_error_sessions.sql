-- Of each customer and pair of an error and the step before it: sessions with both, those in which nothing came after the error, sessions
-- with the step alone, those in which nothing came after it. What browsers tell by themselves doesn't count as coming after, nor giving up.
SELECT
    customer,
    toUInt32(pair) AS pair,
    toUInt32(countIf(error_at > 0)) AS met,
    toUInt32(countIf(error_at > 0 AND error_at >= went_on)) AS ended,
    toUInt32(countIf(error_at = 0)) AS others,
    toUInt32(countIf(error_at = 0 AND step_at >= went_on)) AS others_ended
FROM
(
    SELECT
        if(mapped.newest = 0, raw.customer_id, mapped.current_id) AS customer,
        raw.session_id AS session,
        maxIf(
            toUnixTimestamp64Milli(raw.time),
            NOT match(
                lowerUTF8(replaceRegexpAll(raw.name, '[^\\p{L}\\p{N}]+', '')),
                'abandoned|^(webvitals|javascripterror|requestfailed|rageclick|deadclick|errorclick)$'
            )
        ) AS went_on,
        maxForEach(arrayMap(one -> if(concat(raw.name, if(if(dynamicType(raw.properties.code) IN ('String', 'Int64', 'UInt64'), toString(raw.properties.code), '') = '', '', concat(' · ', if(dynamicType(raw.properties.code) IN ('String', 'Int64', 'UInt64'), toString(raw.properties.code), '')))) = one, toUnixTimestamp64Milli(raw.time), 0), {errors:Array(String)})) AS error_ats,
        maxForEach(arrayMap(one -> if(raw.name = one, toUnixTimestamp64Milli(raw.time), 0), {steps:Array(String)})) AS step_ats
    FROM interactions_raw AS raw
    LEFT JOIN
    (
        SELECT old_id, argMax(current_id, version) AS current_id, max(version) AS newest
        FROM merges
        WHERE workspace_id = {workspace_id:UInt32}
        GROUP BY old_id
    ) AS mapped ON raw.customer_id = mapped.old_id
    WHERE raw.workspace_id = {workspace_id:UInt32}
        AND raw.time BETWEEN fromUnixTimestamp64Milli({first:Int64}) AND fromUnixTimestamp64Milli({last:Int64})
        AND raw.voice = 'did' AND raw.session_id != toUUID('00000000-0000-0000-0000-000000000000')
    GROUP BY customer, session
)
ARRAY JOIN arrayEnumerate(error_ats) AS pair, error_ats AS error_at, step_ats AS step_at
WHERE step_at > 0
GROUP BY customer, pair
ORDER BY customer, pair
