-- How many interactions an export will hold, for its progress; the filters are those of `export`.
SELECT count() AS interactions
FROM interactions_raw
WHERE workspace_id = {workspace_id:UInt32}
    AND time >= fromUnixTimestamp64Milli({since:Int64}, 'UTC')
    AND time < fromUnixTimestamp64Milli({until:Int64}, 'UTC')
    AND (empty({customer_ids:Array(UUID)}) OR customer_id IN {customer_ids:Array(UUID)})
    AND (empty({sources:Array(UInt32)}) OR source_id IN {sources:Array(UInt32)})
    AND (empty({names:Array(String)}) OR name IN {names:Array(String)})
    AND (empty({channels:Array(String)}) OR channel IN {channels:Array(String)})
    AND (empty({types:Array(String)}) OR type IN {types:Array(String)})
    AND (empty({voices:Array(String)}) OR voice IN {voices:Array(String)})
    AND (empty({spelled:Array(String)}) OR (
        type = 'track' AND (name IN {exact:Array(String)} OR has({spelled:Array(String)}, lowerUTF8(replaceRegexpAll(name, '[^\\p{L}\\p{N}]+', ''))))
    ))
    AND (NOT {money:Bool} OR value != 0)
