-- Everything that a workspace's quarantine holds. Asked after a restore only.
SELECT body FROM quarantine WHERE workspace_id = {workspace_id:UInt32}
