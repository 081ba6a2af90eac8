-- Errors that customers met in a session, each with the step that came right before it most often.
SELECT error, step, uniqExact(customer) AS customers
FROM
(
    SELECT
        if(mapped.newest = 0, raw.customer_id, mapped.current_id) AS customer,
        concat(raw.name, if(if(dynamicType(raw.properties.code) IN ('String', 'Int64', 'UInt64'), toString(raw.properties.code), '') = '', '', concat(' · ', if(dynamicType(raw.properties.code) IN ('String', 'Int64', 'UInt64'), toString(raw.properties.code), '')))) AS error,
        raw.previous_name AS step,
        lowerUTF8(replaceRegexpAll(raw.name, '[^\\p{L}\\p{N}]+', '')) AS spelled
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
        AND raw.voice = 'did' AND raw.type = 'track' AND NOT raw.session_start AND raw.previous_name != ''
        AND match(spelled, '(error|failed|failure|exception|declined|rejected|timedout)') AND NOT match(spelled, '^(email|mail|sms|push|message|notification|javascript|request)|click$')
        AND NOT match(lowerUTF8(raw.previous_name), 'error|failed|failure|declined')
)
GROUP BY error, step
HAVING customers >= {least:UInt32}
ORDER BY customers DESC, error, step
LIMIT 1 BY error
LIMIT {most:UInt32}
