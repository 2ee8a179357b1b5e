CREATE TABLE IF NOT EXISTS neosigma_signals (
  Id String,
  TraceId String,
  SpanId String,
  SessionId String,
  Agent LowCardinality(String),
  Name LowCardinality(String),
  Type LowCardinality(String),
  Value Nullable(Float64),
  Label Nullable(String),
  Explanation Nullable(String),
  Source LowCardinality(String),
  ScorerVersion Nullable(String),
  UserId Nullable(String),
  At DateTime64(3),
  INDEX idx_session SessionId TYPE bloom_filter(0.01) GRANULARITY 1
) ENGINE = ReplacingMergeTree
ORDER BY (TraceId, Id)
SETTINGS non_replicated_deduplication_window = 10000;

-- Which traces received something, and when by the store's own clock, whoever wrote it. Run assembly reads what is due
-- from here: open traces are rows of the store, never entries in a process.
CREATE TABLE IF NOT EXISTS neosigma_trace_activity (
  TraceId String CODEC(ZSTD(1)),
  At DateTime64(6) CODEC(Delta, ZSTD(1))
) ENGINE = MergeTree
PARTITION BY toDate(At)
ORDER BY (toStartOfMinute(At), TraceId)
TTL toDateTime(At) + INTERVAL 7 DAY
SETTINGS ttl_only_drop_parts = 1;

CREATE MATERIALIZED VIEW IF NOT EXISTS neosigma_trace_activity_spans_mv TO neosigma_trace_activity AS
SELECT TraceId, now64(6) AS At FROM otel_traces WHERE TraceId != '' GROUP BY TraceId;
CREATE MATERIALIZED VIEW IF NOT EXISTS neosigma_trace_activity_logs_mv TO neosigma_trace_activity AS
SELECT TraceId, now64(6) AS At FROM otel_logs WHERE TraceId != '' GROUP BY TraceId;
CREATE MATERIALIZED VIEW IF NOT EXISTS neosigma_trace_activity_signals_mv TO neosigma_trace_activity AS
SELECT TraceId, now64(6) AS At FROM neosigma_signals WHERE TraceId != '' GROUP BY TraceId;

-- How much of a trace there is and when it happened, so that a trace is read without looking through all parts, and a
-- huge one in bounded memory. Rows that arrive twice count twice: the figures are upper bounds.
CREATE TABLE IF NOT EXISTS neosigma_trace_index (
  TraceId String CODEC(ZSTD(1)),
  Kind LowCardinality(String) COMMENT 'spans or logs',
  Start DateTime CODEC(Delta, ZSTD(1)),
  End DateTime CODEC(Delta, ZSTD(1)),
  Items UInt64,
  Bytes UInt64,
  IngestedAt DateTime MATERIALIZED now() CODEC(Delta, ZSTD(1))
) ENGINE = MergeTree
PARTITION BY toMonday(IngestedAt)
ORDER BY (TraceId, Kind)
TTL IngestedAt + INTERVAL 30 DAY
SETTINGS ttl_only_drop_parts = 1;

CREATE MATERIALIZED VIEW IF NOT EXISTS neosigma_trace_index_spans_mv TO neosigma_trace_index AS
SELECT TraceId, 'spans' AS Kind, toDateTime(min(Timestamp)) AS Start, toDateTime(max(Timestamp)) AS End,
  count() AS Items, sum(byteSize(ResourceAttributes, SpanAttributes, Events.Attributes)) AS Bytes
FROM otel_traces WHERE TraceId != '' GROUP BY TraceId;
CREATE MATERIALIZED VIEW IF NOT EXISTS neosigma_trace_index_logs_mv TO neosigma_trace_index AS
SELECT TraceId, 'logs' AS Kind, toDateTime(min(Timestamp)) AS Start, toDateTime(max(Timestamp)) AS End,
  count() AS Items, sum(byteSize(Body, ResourceAttributes, LogAttributes)) AS Bytes
FROM otel_logs WHERE TraceId != '' GROUP BY TraceId;

-- What run assembly has done: up to which activity a trace was assembled, and how many entries of the minute before it
-- were then visible. Written last: a crash before it repeats the assembly, which finds the revision unchanged.
CREATE TABLE IF NOT EXISTS neosigma_assemblies (
  TraceId String CODEC(ZSTD(1)),
  Through DateTime64(6) CODEC(Delta, ZSTD(1)),
  Seen UInt32,
  Result LowCardinality(String) COMMENT 'run, or why it is none'
) ENGINE = MergeTree
PARTITION BY toDate(Through)
ORDER BY (toStartOfMinute(Through), TraceId)
TTL toDateTime(Through) + INTERVAL 7 DAY
SETTINGS ttl_only_drop_parts = 1;

-- Before Through nothing of the partition (kafkaMurmurHash(TraceId) % Partitions) is left to assemble.
CREATE TABLE IF NOT EXISTS neosigma_assembly_progress (
  Partitions UInt32,
  Partition UInt32,
  Through DateTime64(6)
) ENGINE = ReplacingMergeTree(Through)
ORDER BY (Partitions, Partition);

-- One row a trace; the newest AssembledThrough (the trace's activity that it has seen) is the run.
CREATE TABLE IF NOT EXISTS neosigma_runs (
  TraceId String CODEC(ZSTD(1)),
  Revision String CODEC(ZSTD(1)),
  AssembledThrough DateTime64(6) CODEC(ZSTD(1)),
  Agent LowCardinality(String),
  AgentVersion Nullable(String),
  PromptName Nullable(String),
  PromptVersion Nullable(String),
  TaskType Nullable(String),
  SessionId Nullable(String),
  UserId Nullable(String),
  Dialect Nullable(String),
  Model Nullable(String),
  StartedAt DateTime64(3),
  EndedAt DateTime64(3),
  DurationMs Float64,
  Outcome LowCardinality(String),
  Score Float64,
  ModelCalls UInt32,
  ToolCalls UInt32,
  InputTokens Nullable(UInt64),
  OutputTokens Nullable(UInt64),
  CostUsd Nullable(Float64),
  Body String COMMENT 'the whole AgentRun as JSON' CODEC(ZSTD(3)),
  INDEX idx_started StartedAt TYPE minmax GRANULARITY 1,
  INDEX idx_session SessionId TYPE bloom_filter(0.01) GRANULARITY 1
) ENGINE = ReplacingMergeTree(AssembledThrough)
ORDER BY TraceId
SETTINGS non_replicated_deduplication_window = 10000;
