-- The latest of one interaction, to show what its properties look like.
SELECT toString(properties) AS properties, toString(traits) AS traits
FROM interactions_raw
WHERE workspace_id = {workspace_id:UInt32} AND type = {kind:String} AND substringUTF8(name, 1, 200) = {interaction:String}
ORDER BY received_at DESC
LIMIT {limit:UInt32}
SETTINGS query_plan_max_limit_for_lazy_materialization = 1000
