-- Names of the traits that group calls tell of accounts, the most frequent first, by the newest few thousand of them.
SELECT name, count() AS number
FROM
(
    SELECT arrayJoin(JSONExtractKeys(if(told = '', toString(traits), told))) AS name
    FROM
    (
        SELECT told, traits FROM interactions_raw
        WHERE workspace_id = {workspace_id:UInt32} AND type = 'group' AND group_id != ''
        ORDER BY time DESC
        LIMIT 2000
    )
)
GROUP BY name
ORDER BY number DESC, name
LIMIT 100
