-- The pages whose speed was measured most, by device.
SELECT if(raw.path != '', raw.path, if(dynamicType(raw.properties.page) IN ('String', 'Int64', 'UInt64'), toString(raw.properties.page), '')) AS page, raw.device AS device, count() AS loads
FROM interactions_raw AS raw
WHERE raw.workspace_id = {workspace_id:UInt32} AND raw.name = 'Web Vitals' AND raw.type = 'track'
    AND raw.time BETWEEN fromUnixTimestamp64Milli({first:Int64}) AND fromUnixTimestamp64Milli({last:Int64})
GROUP BY page, device
HAVING page != ''
ORDER BY loads DESC, page, device
LIMIT {most:UInt32}
