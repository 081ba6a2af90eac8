-- Accounts that interactions name, the one heard of last first; by a part of the id or of the name, and after a place in this order.
SELECT
    group_id,
    uniqExactIf(customer_id, anonymous_id != concat('$', replaceOne(group_id, ':', '_'))) AS members,
    uniqExact(message_key) AS interactions,
    toUnixTimestamp64Milli(max(time)) AS last_time,
    argMaxIf(called, (time, message_key), called != '') AS name
FROM
(
    SELECT
        group_id, anonymous_id, message_key, time,
        if(mapped.newest = 0, raw.customer_id, mapped.current_id) AS customer_id,
        if(type = 'group', JSONExtractString(if(told = '', toString(traits), told), 'name'), '') AS called
    FROM interactions_raw AS raw
    LEFT JOIN
    (
        SELECT old_id, argMax(current_id, version) AS current_id, max(version) AS newest
        FROM merges
        WHERE workspace_id = {workspace_id:UInt32}
        GROUP BY old_id
    ) AS mapped ON raw.customer_id = mapped.old_id
    WHERE raw.workspace_id = {workspace_id:UInt32} AND group_id != ''
)
GROUP BY group_id
HAVING (empty({text:String}) OR positionCaseInsensitiveUTF8(group_id, {text:String}) > 0 OR positionCaseInsensitiveUTF8(name, {text:String}) > 0)
    AND (last_time, group_id) < ({before_time:Int64}, {before_id:String})
ORDER BY last_time DESC, group_id DESC
LIMIT {limit:UInt32}
