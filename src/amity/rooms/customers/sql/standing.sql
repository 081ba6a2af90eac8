-- Where one customer stands, in one reading of what they did: over all time how often they paid and when last, how many sessions
-- there have been, what they said last, answered with scores, asked for and complained about; since an instant what they met, by name.
SELECT
    sum(paid) AS payments,
    toUnixTimestamp64Milli(max(paid_last)) AS last_payment,
    sum(returned) AS refunds,
    uniqExactMerge(visits) AS sessions,
    uniqExactMerge(visits_lately) AS sessions_lately,
    groupArrayIf((name, times, newest.1, newest.2, newest.3), times > 0) AS met,
    arraySlice(arrayReverseSort(arrayDistinct(arrayFlatten(groupArray(words)))), 1, {said:UInt32}) AS last_said,
    arraySlice(arrayReverseSort(arrayDistinct(arrayFlatten(groupArray(answers)))), 1, {answered:UInt32}) AS last_answers,
    arraySlice(arrayReverseSort(arrayDistinct(arrayFlatten(groupArray(requests)))), 1, {asked:UInt32}) AS last_requests
FROM
(
    SELECT
        type,
        name,
        uniqExactIf(message_key, value > 0) AS paid,
        maxIf(time, value > 0) AS paid_last,
        uniqExactIf(message_key, value < 0) AS returned,
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
            arrayReverseSort(groupUniqArrayIf((toUnixTimestamp64Milli(time), message_key), voice = 'said')), 1, {said:UInt32}
        ) AS words,
        -- Names as `event_key` spells them.
        lowerUTF8(replaceRegexpAll(name, '[^\\p{L}\\p{N}]+', '')) AS spelled,
        arraySlice(
            arrayReverseSort(groupUniqArrayIf(
                (toUnixTimestamp64Milli(time), message_key),
                type = 'track' AND (name = {posthogs_answer:String} OR has({answer_names:Array(String)}, spelled))
            )), 1, {answered:UInt32}
        ) AS answers,
        arraySlice(
            arrayReverseSort(groupUniqArrayIf(
                (toUnixTimestamp64Milli(time), message_key), type = 'track' AND has({request_names:Array(String)}, spelled)
            )), 1, {asked:UInt32}
        ) AS requests
    FROM interactions_raw
    WHERE workspace_id = {workspace_id:UInt32} AND customer_id IN {customer_ids:Array(UUID)}
    GROUP BY type, name
)
