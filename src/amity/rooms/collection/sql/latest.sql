-- What arrived last, taken or turned away, newest first. An empty filter lets everything pass. `since` leaves out what was taken
-- earlier, where it is known that enough came after.
SELECT *
FROM
(
    SELECT
        message_key AS key, message_id, name, type, channel, source_id, customer_id, user_id, anonymous_id, time, received_at,
        'accepted' AS outcome, log_seq
    FROM interactions_raw
    WHERE workspace_id = {workspace_id:UInt32}
      AND received_at >= fromUnixTimestamp64Milli({since:Int64}, 'UTC')
      AND {outcome:String} IN ('', 'accepted')
      AND ({channel:String} = '' OR channel = {channel:String})
      AND ({source_id:UInt32} = 0 OR source_id = {source_id:UInt32})
      AND (
          {text:String} = '' OR message_id = {text:String} OR user_id = {text:String} OR anonymous_id = {text:String}
          OR positionCaseInsensitiveUTF8(name, {text:String}) > 0
      )
    ORDER BY received_at DESC
    LIMIT {limit:UInt32}
    UNION ALL
    SELECT
        key, message_id, name, '' AS type, '' AS channel, source_id, toUUID('00000000-0000-0000-0000-000000000000') AS customer_id,
        '' AS user_id, '' AS anonymous_id, received_at AS time, received_at, reason AS outcome, log_seq
    FROM quarantine
    WHERE workspace_id = {workspace_id:UInt32}
      AND {outcome:String} IN ('', 'rejected')
      AND {channel:String} = ''
      AND ({source_id:UInt32} = 0 OR source_id = {source_id:UInt32})
      AND (
          {text:String} = '' OR message_id = {text:String} OR reason = {text:String}
          OR positionCaseInsensitiveUTF8(name, {text:String}) > 0
      )
    ORDER BY received_at DESC
    LIMIT {limit:UInt32}
)
ORDER BY received_at DESC, log_seq DESC
LIMIT {limit:UInt32}
-- Find the rows first, and read their many columns only then.
SETTINGS query_plan_max_limit_for_lazy_materialization = 1000
