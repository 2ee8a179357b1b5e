-- Every failed run and the cluster it belongs to ('' is noise). Removed = 1 takes back a run that was relabelled.
CREATE TABLE IF NOT EXISTS neosigma_cluster_members (
  Agent LowCardinality(String),
  TraceId String CODEC(ZSTD(1)),
  ClusterId String,
  Fingerprint String,
  TaskType Nullable(String),
  Score Float64,
  At DateTime64(3) COMMENT 'end of the run, never later than its arrival',
  UserId Nullable(String),
  SessionId Nullable(String),
  Body String COMMENT 'what the miner needs to go on after a restart, JSON' CODEC(ZSTD(3)),
  Removed UInt8,
  Version UInt64
) ENGINE = ReplacingMergeTree(Version)
ORDER BY (Agent, TraceId)
SETTINGS non_replicated_deduplication_window = 10000;

CREATE TABLE IF NOT EXISTS neosigma_clusters (
  Id String,
  Agent LowCardinality(String),
  TaskType Nullable(String),
  Summary String,
  RootCauseType LowCardinality(String),
  Diagnosis String CODEC(ZSTD(3)),
  ExampleTraceIds Array(String),
  Fingerprints Array(String) COMMENT 'of its failures, the most frequent: a closed cluster that returns is known by them',
  Closed UInt8,
  CreatedAt DateTime64(3),
  Version UInt64
) ENGINE = ReplacingMergeTree(Version)
ORDER BY (Agent, Id)
SETTINGS non_replicated_deduplication_window = 10000;
