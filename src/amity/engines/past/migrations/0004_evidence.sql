-- What an unmerge has to read again: the other name of an alias call, and traits as they were placed.
ALTER TABLE interactions_raw ADD COLUMN IF NOT EXISTS previous_id String COMMENT 'of an alias call: the name that was known before';

ALTER TABLE interactions_raw ADD COLUMN IF NOT EXISTS told String COMMENT 'traits as JSON text: the column `traits` keeps no nulls';
