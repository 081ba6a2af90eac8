-- Paths of properties in a sample of lately received interactions, most frequent first.
SELECT arrayJoin(JSONAllPaths(properties)) AS path, count() AS number
FROM (
    SELECT properties FROM interactions_raw
    WHERE workspace_id = {workspace_id:UInt32} AND time > now() - INTERVAL 90 DAY
    LIMIT 20000
)
GROUP BY path
ORDER BY number DESC, path
LIMIT 200
