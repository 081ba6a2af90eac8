-- All pairs of ids that interactions of the past carry. Asked after a restore only.
SELECT DISTINCT trimBoth(user_id) AS user_id, trimBoth(anonymous_id) AS anonymous_id
FROM interactions_raw
WHERE workspace_id = {workspace_id:UInt32}
