-- Each sign-in (1), failed sign-in (2) and request for a new password (3).
SELECT
    if(mapped.newest = 0, raw.customer_id, mapped.current_id) AS customer,
    toUnixTimestamp64Milli(raw.time) AS at,
    toUInt32(multiIf(
        match(lowerUTF8(replaceRegexpAll(raw.name, '[^\\p{L}\\p{N}]+', '')), '^(signedin|loggedin|loginsucceeded|signinsucceeded|loginsuccessful|login|signin)$'), 1,
        match(lowerUTF8(replaceRegexpAll(raw.name, '[^\\p{L}\\p{N}]+', '')), '^(signin|login|authentication|auth|otp|verificationcode|twofactor|passkey)(failed|failure|error|rejected)$'), 2,
        match(lowerUTF8(replaceRegexpAll(raw.name, '[^\\p{L}\\p{N}]+', '')), '^(passwordreset(requested|started)?|(forgot|reset)password|passwordforgotten)$'), 3,
        0
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
    AND raw.type = 'track' AND kind > 0
ORDER BY customer, at
