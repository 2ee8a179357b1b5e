-- Projections of the controller's topics, for listings; the topics are the truth.
CREATE TABLE IF NOT EXISTS neosigma_cycles (
  Id String,
  Agent LowCardinality(String),
  ClusterId String,
  Outcome LowCardinality(String),
  Body String CODEC(ZSTD(3)),
  StartedAt DateTime64(3),
  UpdatedAt DateTime64(3),
  Version UInt64
) ENGINE = ReplacingMergeTree(Version)
ORDER BY Id
SETTINGS non_replicated_deduplication_window = 10000;

CREATE TABLE IF NOT EXISTS neosigma_decisions (
  Id String,
  Agent LowCardinality(String),
  Decision LowCardinality(String),
  CycleId String,
  Body String CODEC(ZSTD(3)),
  At DateTime64(3),
  Version UInt64
) ENGINE = ReplacingMergeTree(Version)
ORDER BY Id
SETTINGS non_replicated_deduplication_window = 10000;

CREATE TABLE IF NOT EXISTS neosigma_evaluations (
  Id String,
  Agent LowCardinality(String),
  CycleId String,
  Stage LowCardinality(String),
  Candidate String,
  TaskId String,
  Split LowCardinality(String),
  Replicate UInt32,
  Status LowCardinality(String),
  Score Nullable(Float64),
  Metrics Map(String, Float64),
  At DateTime64(3)
) ENGINE = ReplacingMergeTree
ORDER BY (CycleId, Id)
SETTINGS non_replicated_deduplication_window = 10000;
