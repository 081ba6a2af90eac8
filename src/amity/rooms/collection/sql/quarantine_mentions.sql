-- Bodies in quarantine in which one of these texts stands anywhere: to be looked at closely.
SELECT key, received_at, reason, detail, step, source_id, message_id, name, dialect, body
FROM quarantine
WHERE workspace_id = {workspace_id:UInt32}
    AND (
        multiSearchAnyCaseInsensitiveUTF8(body, {texts:Array(String)})
        OR (notEmpty({digits:Array(String)}) AND multiSearchAny(replaceRegexpAll(body, '[^0-9]', ''), {digits:Array(String)}))
    )
ORDER BY received_at, key
