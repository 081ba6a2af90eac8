-- All customers that the past tells of, as they were resolved then. Asked after a restore only.
SELECT DISTINCT customer_id FROM interactions_raw WHERE workspace_id = {workspace_id:UInt32}
