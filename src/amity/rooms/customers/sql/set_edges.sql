-- Put sessions and edges in order. A patch of the rows that changed: atomic, and harmless to repeat.
UPDATE interactions_raw
SET
    session_id = {sessions:Array(UUID)}[indexOf({keys:Array(UUID)}, message_key)],
    session_start = {starts:Array(UInt8)}[indexOf({keys:Array(UUID)}, message_key)] = 1,
    previous_name = {names:Array(String)}[indexOf({keys:Array(UUID)}, message_key)],
    previous_key = nullIf({previous:Array(UUID)}[indexOf({keys:Array(UUID)}, message_key)], toUUID('00000000-0000-0000-0000-000000000000')),
    previous_time = if(
        {previous:Array(UUID)}[indexOf({keys:Array(UUID)}, message_key)] = toUUID('00000000-0000-0000-0000-000000000000'),
        NULL,
        fromUnixTimestamp64Milli({times:Array(Int64)}[indexOf({keys:Array(UUID)}, message_key)], 'UTC')
    )
WHERE workspace_id = {workspace_id:UInt32}
    AND customer_id IN {customer_ids:Array(UUID)}
    AND message_key IN {keys:Array(UUID)}
