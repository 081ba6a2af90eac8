-- Each message of the kinds at their places in four lists.
SELECT
    if(mapped.newest = 0, raw.customer_id, mapped.current_id) AS customer,
    toUnixTimestamp64Milli(raw.time) AS at,
    toUInt32(indexOf(
        arrayZip({channels:Array(String)}, {names:Array(String)}, {abouts:Array(String)}, {purposes:Array(String)}),
        (toString(raw.channel), toString(raw.name), multiIf(if(dynamicType(raw.properties.campaign) IN ('String', 'Int64', 'UInt64'), toString(raw.properties.campaign), '') != '', if(dynamicType(raw.properties.campaign) IN ('String', 'Int64', 'UInt64'), toString(raw.properties.campaign), ''), if(dynamicType(raw.properties.template) IN ('String', 'Int64', 'UInt64'), toString(raw.properties.template), '') != '', if(dynamicType(raw.properties.template) IN ('String', 'Int64', 'UInt64'), toString(raw.properties.template), ''), if(dynamicType(raw.properties.survey) IN ('String', 'Int64', 'UInt64'), toString(raw.properties.survey), '')), if(dynamicType(raw.properties.purpose) IN ('String', 'Int64', 'UInt64'), toString(raw.properties.purpose), ''))
    )) AS kind
FROM interactions_raw AS raw
LEFT JOIN
(
    SELECT old_id, argMax(current_id, version) AS current_id, max(version) AS newest
    FROM merges
    WHERE workspace_id = {workspace_id:UInt32}
    GROUP BY old_id
) AS mapped ON raw.customer_id = mapped.old_id
WHERE raw.workspace_id = {workspace_id:UInt32}
    AND raw.time BETWEEN fromUnixTimestamp64Milli({first:Int64}) AND fromUnixTimestamp64Milli({last:Int64})
    AND raw.voice = 'ours' AND raw.type = 'track' AND has({names:Array(String)}, raw.name) AND kind > 0
ORDER BY customer, at
