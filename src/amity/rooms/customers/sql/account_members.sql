-- Who belongs to an account: customers of today whom an interaction names with it, since when, and when that was said last.
-- PostHog's libraries describe a group without anyone under a stand-in's id made of its type and key: nobody.
SELECT
    customer_id,
    toUnixTimestamp64Milli(min(time)) AS since,
    toUnixTimestamp64Milli(max(time)) AS last_time,
    uniqExact(message_key) AS interactions
FROM interactions
WHERE workspace_id = {workspace_id:UInt32}
    AND group_id = {account:String}
    AND anonymous_id != concat('$', replaceOne({account:String}, ':', '_'))
GROUP BY customer_id
ORDER BY last_time DESC, customer_id
LIMIT {limit:UInt32}
