-- The kinds of messages that were sent most.
SELECT raw.channel AS channel, raw.name AS name, multiIf(if(dynamicType(raw.properties.campaign) IN ('String', 'Int64', 'UInt64'), toString(raw.properties.campaign), '') != '', if(dynamicType(raw.properties.campaign) IN ('String', 'Int64', 'UInt64'), toString(raw.properties.campaign), ''), if(dynamicType(raw.properties.template) IN ('String', 'Int64', 'UInt64'), toString(raw.properties.template), '') != '', if(dynamicType(raw.properties.template) IN ('String', 'Int64', 'UInt64'), toString(raw.properties.template), ''), if(dynamicType(raw.properties.survey) IN ('String', 'Int64', 'UInt64'), toString(raw.properties.survey), '')) AS about, if(dynamicType(raw.properties.purpose) IN ('String', 'Int64', 'UInt64'), toString(raw.properties.purpose), '') AS purpose, count() AS times, lowerUTF8(replaceRegexpAll(raw.name, '[^\\p{L}\\p{N}]+', '')) AS spelled
FROM interactions_raw AS raw
WHERE raw.workspace_id = {workspace_id:UInt32} AND raw.voice = 'ours' AND raw.type = 'track' AND match(spelled, '^(email|mail|sms|push|pushnotification|whatsapp|whatsappmessage|message|notification|inappmessage|survey|surveyinvitation)(sent|delivered|shown)$')
    AND raw.time BETWEEN fromUnixTimestamp64Milli({first:Int64}) AND fromUnixTimestamp64Milli({last:Int64})
GROUP BY channel, name, about, purpose, spelled
HAVING NOT (spelled = 'messagesent' AND about = '')
ORDER BY times DESC, channel, name, about, purpose
LIMIT {most:UInt32}
