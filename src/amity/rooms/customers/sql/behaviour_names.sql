-- By which channels and events many customers can be told apart: how many customers were on each, most first.
SELECT what, value, uniq(customer_id) AS customers
FROM interactions_raw
ARRAY JOIN
    ['channel', 'event'] AS what,
    [channel, if(type IN ('track', 'page', 'screen'), name, '')] AS value
WHERE workspace_id = {workspace_id:UInt32} AND voice != 'ours' AND value != ''
GROUP BY what, value
ORDER BY customers DESC, what, value
LIMIT {limit:UInt32} BY what
