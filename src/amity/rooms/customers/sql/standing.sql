-- Where one customer stands, in one reading of what they did: over all time how often they paid and when last, how many sessions
-- there have been and what they said last; since an instant what they met, by name.
SELECT
    sum(paid) AS payments,
    toUnixTimestamp64Milli(max(paid_last)) AS last_payment,
    uniqExactMerge(visits) AS sessions,
    uniqExactMerge(visits_lately) AS sessions_lately,
    groupArrayIf((name, times, newest.1, newest.2, newest.3), times > 0) AS met,
    arraySlice(arrayReverseSort(arrayFlatten(groupArray(words))), 1, {said:UInt32}) AS last_said
FROM
(
    SELECT
        type,
        name,
        uniqExactIf(message_key, value > 0) AS paid,
        maxIf(time, value > 0) AS paid_last,
        uniqExactStateIf(session_id, session_id != toUUID('00000000-0000-0000-0000-000000000000')) AS visits,
        uniqExactStateIf(
            session_id,
            session_id != toUUID('00000000-0000-0000-0000-000000000000') AND time >= fromUnixTimestamp64Milli({since:Int64}, 'UTC')
        ) AS visits_lately,
        countIf(type = 'track' AND time >= fromUnixTimestamp64Milli({since:Int64}, 'UTC')) AS times,
        argMaxIf(
            (toUnixTimestamp64Milli(time), message_key, channel), (time, message_key),
            type = 'track' AND time >= fromUnixTimestamp64Milli({since:Int64}, 'UTC')
        ) AS newest,
        arraySlice(
            arrayReverseSort(groupArrayIf((toUnixTimestamp64Milli(time), message_key), voice = 'said')), 1, {said:UInt32}
        ) AS words
    FROM interactions_raw
    WHERE workspace_id = {workspace_id:UInt32} AND customer_id IN {customer_ids:Array(UUID)}
    GROUP BY type, name
)
