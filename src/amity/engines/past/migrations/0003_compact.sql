-- Parts of up to 64 MB keep all columns in one file. An insert costs half as much then, and small reads open fewer files.
ALTER TABLE interactions_raw MODIFY SETTING min_bytes_for_wide_part = 67108864;
