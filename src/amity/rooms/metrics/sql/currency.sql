-- The currency that most payments of a workspace came in, and how many interactions it has at all.
SELECT topKWeightedIf(1)(currency, 1, currency != '')[1] AS currency, count() AS number
FROM interactions_raw
WHERE workspace_id = {workspace_id:UInt32}
