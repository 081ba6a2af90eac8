-- Names of interactions of the last year, most frequent first.
SELECT name, count() AS number
FROM interactions_raw
WHERE workspace_id = {workspace_id:UInt32} AND name != '' AND time > now() - INTERVAL 1 YEAR
GROUP BY name
ORDER BY number DESC, name
LIMIT 300
